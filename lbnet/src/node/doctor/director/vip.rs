//! Whether packets for a VIP come to this host, and to IPVS.

use std::net::IpAddr;

use crate::{
    IpPrefix, Ipv4Conf, Link,
    model::sysctl::ARP_IGNORE_ENOUGH,
    node::doctor::{Balancing, Finding, FindingKind, balancing::SyncSide, view::HostView, vip},
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let vips = balancing.vips();
    let of_vip = |vip| of_vip(view, vip, standby(view, balancing, vip));
    vips.into_iter().flat_map(of_vip).collect()
}

/// Whether another director may be the one that serves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standby {
    Perhaps,
    No,
}

/// What a standby has: it learns of connections, knows who else has the VIP, or waits for its turn.
fn standby(view: &HostView, balancing: &Balancing, vip: IpAddr) -> Standby {
    let learns = balancing
        .sync_daemons
        .iter()
        .any(|daemon| daemon.role == SyncSide::Backup);
    let knows = view
        .neighbours
        .iter()
        .any(|it| it.address == vip && it.mac.is_some());
    if learns || knows || view.managers.runs("keepalived") {
        Standby::Perhaps
    } else {
        Standby::No
    }
}

fn of_vip(view: &HostView, vip: IpAddr, standby: Standby) -> Vec<Finding> {
    if let Some(finding) = vip::with_its_network_on_lo(view, vip, &set_up(view, vip)) {
        return vec![finding];
    }
    let down = vip::on_a_device_that_is_down(view, vip);
    let finding = down.or_else(|| {
        match (view.is_local(vip), standby) {
            (false, Standby::No) => Some(missing(view, vip)),
            (false, Standby::Perhaps) => Some(elsewhere(vip)),
            (true, Standby::No) => unanswered(view, vip),
            // As a real server of the one that serves it has the VIP, and is silent about it.
            (true, Standby::Perhaps) => None,
        }
    });
    finding.into_iter().collect()
}

pub(super) fn missing(view: &HostView, vip: IpAddr) -> Finding {
    let finding = Finding::problem(
        FindingKind::VipMissing,
        format!("{vip} is not an address of this host"),
        "Packets for it do not come to IPVS: clients get no answer.",
    );
    finding.mend(set_up(view, vip))
}

/// No command: one that takes a VIP which another director has would break what works.
fn elsewhere(vip: IpAddr) -> Finding {
    Finding::note(
        FindingKind::VipMissing,
        format!("{vip} is not an address of this host, which may be a standby"),
        "If another director has it, all is well. If this one should serve, clients get no answer.",
    )
}

/// The command that puts a VIP where its neighbours look for it.
fn set_up(view: &HostView, vip: IpAddr) -> String {
    let network = view.networks_of(vip).next();
    let length = match (network, vip) {
        // With its network an IPv6 VIP would add another route there.
        (_, IpAddr::V6(_)) | (None, _) => IpPrefix::host(vip).length(),
        (Some((_, prefix)), _) => prefix.length(),
    };
    let device = network.map(|(link, _)| link.name.as_str()).or_else(|| {
        let way = view.routes.iter().find(|route| {
            route.destination.is_none()
                && route.gateway.is_none_or(|it| it.is_ipv4() == vip.is_ipv4())
        });
        way.map(|route| route.device.as_str())
    });
    let device = device.unwrap_or("DEVICE");
    format!("ipvs-rs director up --vip {vip}/{length} --device {device}")
}

/// A VIP that is here, in a network where nobody says so.
fn unanswered(view: &HostView, vip: IpAddr) -> Option<Finding> {
    let asked: Vec<_> = view.networks_of(vip).collect();
    // Elsewhere routers know the way, and nobody asks.
    let (link, prefix) = asked.first()?;
    let entries: Vec<_> = view.carriers(vip).collect();
    let on_device = |link: &Link| entries.iter().any(|it| it.address.device == link.name);
    let answered = |link: &Link| {
        let ignored = view.settings.on(&link.name, Ipv4Conf::ArpIgnore);
        // Solicitations of IPv6 are answered for addresses of the device alone, whatever is set.
        on_device(link)
            || vip.is_ipv4() && ignored.is_none_or(|it| !ARP_IGNORE_ENOUGH.contains(&it.effective))
    };
    if asked.iter().any(|(link, _)| answered(link)) {
        return None;
    }
    let place = match entries.first() {
        Some(entry) => format!("on {}", entry.address.device),
        None => "here by a local route alone".to_owned(),
    };
    let (device, asking) = (
        &link.name,
        if vip.is_ipv4() {
            "ARP"
        } else {
            "neighbour discovery"
        },
    );
    let why = if vip.is_ipv4() {
        format!("arp_ignore has {device} answer for its own addresses only")
    } else {
        format!("{device} answers for its own addresses only")
    };
    let said = format!("{vip} is {place}, and nobody answers {asking} for it: {why}");
    let effect = format!(
        "Clients and routers in {prefix} do not find it, unless they have a route to it by this host."
    );
    let kind = FindingKind::VipNotAnswered;
    let finding = if vip.is_ipv4() {
        Finding::problem(kind, said, effect)
    } else {
        Finding::warning(kind, said, effect)
    };
    let finding = match entries.first() {
        Some(entry) => finding.mend(vip::delete(entry)),
        None => finding.mend(format!("ip route delete local {vip} dev lo table local")),
    };
    Some(finding.mend(set_up(view, vip)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        tests::{balancing, direct, here, kinds, remedies},
        view::tests::{address, link},
    };

    /// A host with an address on the VIP's network.
    fn view(vip_on: Option<&str>) -> HostView {
        let mut view = HostView {
            links: vec![link(1, "lo"), link(2, "eth0"), link(3, "dummy0")],
            addresses: vec![address("10.10.10.11/24", "eth0")],
            ..HostView::default()
        };
        view.settings.plant("net.ipv4.conf.all.arp_ignore", 0);
        view.settings.plant("net.ipv4.conf.eth0.arp_ignore", 0);
        if let Some(place) = vip_on {
            view.addresses.push(address("10.10.10.100/32", place));
            view.paths.extend([here("10.10.10.100")]);
        }
        view
    }

    fn check(view: &HostView) -> Vec<Finding> {
        super::check(view, &balancing(direct("10.10.10.12")))
    }

    #[test]
    fn a_vip_that_is_missing_is_added_where_its_network_is() {
        let findings = check(&view(None));
        assert_eq!(kinds(&findings), [FindingKind::VipMissing]);
        let up = "ipvs-rs director up --vip 10.10.10.100/24 --device eth0";
        assert_eq!(remedies(&findings), [up]);
    }

    #[test]
    fn a_vip_that_is_nowhere_near_is_added_where_the_operator_says() {
        let mut view = view(None);
        view.addresses.clear();
        let up = "ipvs-rs director up --vip 10.10.10.100/32 --device DEVICE";
        assert_eq!(remedies(&check(&view)), [up]);
    }

    #[test]
    fn a_vip_that_is_not_on_the_device_is_answered_for_unless_arp_is_ignored() {
        assert_eq!(check(&view(Some("eth0"))), []);
        let mut view = view(Some("dummy0"));
        assert_eq!(check(&view), []);
        view.settings.plant("net.ipv4.conf.all.arp_ignore", 1);
        let findings = check(&view);
        assert_eq!(kinds(&findings), [FindingKind::VipNotAnswered]);
        assert_eq!(
            remedies(&findings),
            [
                "ip address delete 10.10.10.100/32 dev dummy0",
                "ipvs-rs director up --vip 10.10.10.100/24 --device eth0",
            ]
        );
        // A VIP that routers know the way to is nobody's neighbour.
        view.addresses.remove(0);
        assert_eq!(check(&view), []);
    }
}
