//! Whether a VIP is where `director up` put it.

use ipvs::SyncDaemon;

use super::vip::{self as balanced, Standby};
use crate::{
    DeviceName, Director, IpPrefix, Placement, SetUp,
    node::doctor::{
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
        vip,
    },
};

/// `daemons` are the sync daemons that run here, as far as that is known.
pub(super) fn check(view: &HostView, director: &Director, daemons: &[SyncDaemon]) -> Vec<Finding> {
    let vip = director.vip().address();
    let Some((wanted, device)) = where_it_belongs(director) else {
        // It is on no device: there is only a local route.
        let missing = (!view.is_local(vip)).then(|| missing(view, director, daemons));
        return missing.into_iter().collect();
    };
    let entries: Vec<_> = view.carriers(vip).collect();
    let Some(entry) = entries.first() else {
        return vec![missing(view, director, daemons)];
    };
    if let Some(down) = vip::on_a_device_that_is_down(view, vip) {
        return vec![down];
    }
    let mut on_device = entries.iter().filter(|it| it.address.device == device);
    let finding = match on_device.next() {
        None => Finding::problem(
            FindingKind::VipOnWrongDevice,
            format!("{wanted} is on {}, not on {device}", entry.address.device),
            format!(
                "Clients behind {device} may get no answer to their ARP requests, and do not receive \
                 announcements."
            ),
        ),
        // `up` adds it alone where it would be the first address of its network.
        Some(here) if [wanted, IpPrefix::host(vip)].contains(&here.address.prefix) => {
            return Vec::new();
        }
        Some(here) => wrong_prefix(wanted, here.address.prefix),
    };
    let wrong = entries
        .iter()
        .filter(|it| it.address.prefix != wanted || it.address.device != device);
    let finding = finding.fix_all(wrong.map(|it| vip::delete(it)));
    vec![finding.fix(set_up(director))]
}

/// The address with its prefix, and the device that it was put on, if it was put on one.
fn where_it_belongs(director: &Director) -> Option<(IpPrefix, DeviceName)> {
    let alone = IpPrefix::host(director.vip().address());
    match director.vip_placement() {
        Placement::Device => Some((director.vip(), director.device().clone())),
        Placement::Loopback => Some((alone, DeviceName::loopback())),
        Placement::Dummy(name) => Some((alone, name.clone())),
        Placement::Route => None,
    }
}

fn missing(view: &HostView, director: &Director, daemons: &[SyncDaemon]) -> Finding {
    let vip = director.vip().address();
    match balanced::standby(view, daemons, vip) {
        Standby::Perhaps => balanced::elsewhere(vip),
        Standby::No => balanced::missing(vip).fix(set_up(director)),
    }
}

fn set_up(director: &Director) -> Remedy {
    Remedy::SetUp(SetUp::Director(director.clone()))
}

fn wrong_prefix(wanted: IpPrefix, there: IpPrefix) -> Finding {
    Finding::warning(
        FindingKind::VipWithWrongPrefix,
        format!(
            "{} has the prefix /{}, not /{}",
            wanted.address(),
            there.length(),
            wanted.length()
        ),
        "This host treats the wrong addresses as its neighbours, so replies to some clients take the \
         wrong route.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        testing::{here, kinds},
        view::tests::{address, link},
    };

    fn director(placement: Placement) -> Director {
        let vip = "10.10.10.100".parse().unwrap();
        Director::new(vip, "eth0".parse().unwrap()).placement(placement)
    }

    fn view(device: &str) -> HostView {
        HostView {
            links: vec![link(1, "lo"), link(2, "eth0"), link(3, "ipvs0")],
            addresses: vec![address("10.10.10.100/32", device)],
            ..HostView::default()
        }
    }

    #[test]
    fn a_vip_should_be_where_it_was_put() {
        for (placement, device) in [
            (Placement::Device, "eth0"),
            (Placement::Loopback, "lo"),
            (Placement::Dummy("ipvs0".parse().unwrap()), "ipvs0"),
        ] {
            let director = director(placement);
            assert_eq!(check(&view(device), &director, &[]), [], "{director:?}");
            let gone = check(&HostView::default(), &director, &[]);
            assert_eq!(kinds(&gone), [FindingKind::VipMissing]);
            assert!(gone.iter().all(|it| it.remedies == [set_up(&director)]));
        }
        let elsewhere = check(&view("lo"), &director(Placement::Device), &[]);
        assert_eq!(kinds(&elsewhere), [FindingKind::VipOnWrongDevice]);
    }

    #[test]
    fn a_route_alone_is_enough_if_that_was_asked_for() {
        let director = director(Placement::Route);
        let mut view = HostView::default();
        assert_eq!(
            kinds(&check(&view, &director, &[])),
            [FindingKind::VipMissing]
        );
        view.paths.extend([here("10.10.10.100")]);
        assert_eq!(check(&view, &director, &[]), []);
    }
}
