//! Whether the host reveals the VIP by ARP.

use std::net::IpAddr;

use super::side::clients_side;
use crate::{
    AddressScope, ConfTarget, DeviceName, Ipv4Conf, Sysctl,
    model::sysctl::{ARP_ANNOUNCE_ENOUGH, ARP_IGNORE_ENOUGH, ARP_IGNORE_HIDDEN_ELSEWHERE},
    node::doctor::{
        expected::ExpectedServer,
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    // For IPv6, a device only ever answers for its own addresses.
    let Some(vip) = expected.vip().filter(IpAddr::is_ipv4) else {
        return Vec::new();
    };
    if !view.is_local(vip) || view.is_noticed(vip) {
        return Vec::new();
    }
    let devices = clients_side(view, expected).into_iter();
    let devices: Vec<_> = devices.map(|link| &link.name).collect();
    [
        answered(view, vip, &devices, expected),
        announced(view, vip, &devices, expected),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn answered(
    view: &HostView,
    vip: IpAddr,
    devices: &[&DeviceName],
    expected: &ExpectedServer,
) -> Option<Finding> {
    let (key, enough) = (Ipv4Conf::ArpIgnore, ignoring(view, vip));
    let loud = not_among(view, devices, key, enough);
    let names = names(&loud)?;
    let on_lo = view.settings.on(&DeviceName::loopback(), key);
    let on_lo = on_lo.is_some_and(|both| enough.contains(&both.device));
    let (kind, said) = if on_lo {
        (
            FindingKind::ArpSettingsOnLoOnly,
            format!(
                "{names} answers ARP for {vip}: arp_ignore is set on lo, where it has no effect"
            ),
        )
    } else {
        (
            FindingKind::ArpAnswered,
            format!("{names} answers ARP for {vip}"),
        )
    };
    let effect = format!(
        "Some clients reach {} directly instead of the director: they are not balanced, and when \
         this host is down they get no answer.",
        this_host(view, &loud)
    );
    let finding = Finding::problem(kind, said, effect);
    Some(finding.fix_all(fixes(view, &loud, key, 1, enough, expected)))
}

fn announced(
    view: &HostView,
    vip: IpAddr,
    devices: &[&DeviceName],
    expected: &ExpectedServer,
) -> Option<Finding> {
    let (key, enough) = (Ipv4Conf::ArpAnnounce, ARP_ANNOUNCE_ENOUGH);
    let loud = not_among(view, devices, key, enough);
    let finding = Finding::problem(
        FindingKind::ArpAnnouncesVip,
        format!(
            "{} uses {vip} as the source of its ARP requests: arp_announce is not 2",
            names(&loud)?
        ),
        format!(
            "Clients and routers that receive an ARP request from {} learn that it has the VIP, and bypass \
             the director from then on.",
            this_host(view, &loud)
        ),
    );
    Some(finding.fix_all(fixes(view, &loud, key, 2, enough, expected)))
}

/// Values of `arp_ignore` with which a device does not answer for a VIP of another one.
pub(super) fn ignoring(view: &HostView, vip: IpAddr) -> &'static [i64] {
    if view
        .carriers(vip)
        .all(|it| it.address.scope == AddressScope::Host)
    {
        ARP_IGNORE_HIDDEN_ELSEWHERE
    } else {
        ARP_IGNORE_ENOUGH
    }
}

/// The devices on which none of these values applies.
pub(super) fn not_among<'a>(
    view: &HostView,
    devices: &[&'a DeviceName],
    key: Ipv4Conf,
    enough: &[i64],
) -> Vec<&'a DeviceName> {
    let other = |device: &&&DeviceName| {
        let both = view.settings.on(device, key);
        both.is_some_and(|both| !enough.contains(&both.effective))
    };
    devices.iter().filter(other).copied().collect()
}

pub(super) fn names(devices: &[&DeviceName]) -> Option<String> {
    devices.first()?;
    let names: Vec<_> = devices.iter().map(|device| device.as_str()).collect();
    Some(names.join(", "))
}

/// The address of this host on these devices.
fn this_host(view: &HostView, devices: &[&DeviceName]) -> String {
    let mut own = view.addresses.iter().filter(|it| {
        devices.contains(&&it.address.device) && it.address.prefix.address().is_ipv4()
    });
    own.next().map_or_else(
        || "this host".to_owned(),
        |it| it.address.prefix.address().to_string(),
    )
}

/// `real-server up` sets the device. A value in `all` that outweighs it has to be changed before:
/// set-ups do not change `all`.
pub(super) fn fixes(
    view: &HostView,
    devices: &[&DeviceName],
    key: Ipv4Conf,
    value: i64,
    enough: &[i64],
    expected: &ExpectedServer,
) -> Vec<Remedy> {
    let all = Sysctl::ipv4_conf(ConfTarget::All, key);
    let in_the_way = |present: &i64| !enough.contains(&key.effective(*present, value));
    let first = view.settings.get(&all).filter(in_the_way);
    let first = first.map(|_| Remedy::set(all, value));
    let set_ups = devices.iter().map(|device| expected.set_up(Some(device)));
    first.into_iter().chain(set_ups).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        testing::{here, kinds, remedies},
        view::tests::{address, link},
    };

    const UP: &str = "set up the real server for 10.10.10.100 on eth0";

    /// A real server, with what `all`, `eth0` and `lo` have for both settings.
    fn check(ignore: [i64; 3], announce: [i64; 3]) -> Vec<Finding> {
        let mut view = HostView {
            links: vec![link(1, "lo"), link(2, "eth0")],
            addresses: vec![
                address("10.10.10.12/24", "eth0"),
                address("10.10.10.100/32", "lo"),
            ],
            ..HostView::default()
        };
        view.paths.extend([here("10.10.10.100")]);
        for (key, values) in [("arp_ignore", ignore), ("arp_announce", announce)] {
            for (target, value) in ["all", "eth0", "lo"].into_iter().zip(values) {
                let key = format!("net.ipv4.conf.{target}.{key}");
                view.settings.plant(&key, value);
            }
        }
        let vip = "10.10.10.100".parse().unwrap();
        super::check(&view, &ExpectedServer::direct(vip))
    }

    #[test]
    fn the_larger_value_of_all_and_the_device_applies() {
        assert_eq!(check([1, 0, 0], [0, 2, 0]), []);
        assert_eq!(check([0, 8, 0], [2, 0, 0]), []);
        // 3 depends on the address, 4 to 7 are no values.
        for ignore in [0, 3, 4] {
            let findings = check([0, ignore, 0], [2, 0, 0]);
            assert_eq!(kinds(&findings), [FindingKind::ArpAnswered], "{ignore}");
            assert_eq!(remedies(&findings), [UP]);
        }
    }

    #[test]
    fn settings_on_lo_alone_have_no_effect() {
        let findings = check([0, 0, 1], [0, 0, 2]);
        assert_eq!(
            kinds(&findings),
            [
                FindingKind::ArpSettingsOnLoOnly,
                FindingKind::ArpAnnouncesVip
            ]
        );
        assert_eq!(remedies(&findings), [UP, UP]);
    }

    #[test]
    fn a_value_of_all_that_outweighs_the_device_is_changed_first() {
        let findings = check([3, 1, 0], [2, 2, 0]);
        assert_eq!(
            remedies(&findings),
            ["set net.ipv4.conf.all.arp_ignore to 1", UP]
        );
    }
}
