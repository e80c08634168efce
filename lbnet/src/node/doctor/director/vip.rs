//! Whether packets for a VIP reach this host, and IPVS.

use std::net::IpAddr;

use ipvs::{SyncDaemon, SyncRole};

use crate::{
    DeviceName, Director, HostRoute, IpPrefix, Ipv4Conf, Link, Placement, SetUp,
    model::sysctl::ARP_IGNORE_ENOUGH,
    node::doctor::{
        balancing::Balancing,
        finding::{Finding, FindingKind},
        remedy::{Open, Remedy},
        view::{HostView, Question},
        vip,
    },
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let vips = balancing.vips();
    let of_vip = |vip| of_vip(view, vip, standby(view, &balancing.sync_daemons, vip));
    vips.into_iter().flat_map(of_vip).collect()
}

/// Who has the VIPs that this host has where no neighbour finds it?
pub(super) fn questions(view: &HostView, vips: &[IpAddr]) -> Vec<Question> {
    let hidden = vips.iter().filter(|vip| view.is_hidden(**vip));
    let asked = hidden.flat_map(|vip| {
        let networks = view.networks_of(*vip);
        networks.map(|(link, _)| (*vip, link.name.clone()))
    });
    asked.collect()
}

/// Whether another director may be the active one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standby {
    Perhaps,
    No,
}

/// A standby runs a backup sync daemon or a program that moves VIPs, or knows a neighbour that has the
/// VIP.
pub(super) fn standby(view: &HostView, daemons: &[SyncDaemon], vip: IpAddr) -> Standby {
    let receives = daemons.iter().any(|it| it.role == SyncRole::Backup);
    let knows = view
        .neighbours
        .iter()
        .any(|it| it.address == vip && it.mac.is_some());
    if receives || knows || view.managers.move_vips() {
        Standby::Perhaps
    } else {
        Standby::No
    }
}

fn of_vip(view: &HostView, vip: IpAddr, standby: Standby) -> Vec<Finding> {
    if let Some(mut finding) = vip::with_its_network_on_lo(view, vip, set_up(view, vip)) {
        // On a standby the VIP belongs on lo, alone, or nowhere: which of the two is not known.
        if standby == Standby::Perhaps && view.recorded_director(vip).is_none() {
            finding.remedies.clear();
        }
        return vec![finding];
    }
    let down = vip::on_a_device_that_is_down(view, vip);
    let finding = down.or_else(|| {
        match (view.is_local(vip), standby) {
            (false, Standby::No) => Some(missing(vip).fix(set_up(view, vip))),
            (false, Standby::Perhaps) => Some(elsewhere(vip)),
            (true, Standby::No) => unanswered(view, vip),
            // As a real server of the active director it has the VIP, and does not answer ARP for it.
            (true, Standby::Perhaps) => None,
        }
    });
    finding.into_iter().collect()
}

pub(super) fn missing(vip: IpAddr) -> Finding {
    Finding::problem(
        FindingKind::VipMissing,
        format!("{vip} is not an address of this host"),
        "Packets for it do not come to IPVS: clients get no answer.",
    )
}

/// Without a remedy: adding a VIP that another director has would break what works.
pub(super) fn elsewhere(vip: IpAddr) -> Finding {
    Finding::note(
        FindingKind::VipMissing,
        format!("{vip} is not an address of this host, which may be a standby"),
        "If another director has it, nothing is wrong. If this director should have it, clients get no \
         answer.",
    )
}

/// Adds a VIP as it was set up before: another set-up of it would undo what that one did.
fn set_up(view: &HostView, vip: IpAddr) -> Remedy {
    view.recorded_director(vip).map_or_else(
        || on_clients_device(view, vip),
        |it| Remedy::SetUp(SetUp::Director(it.clone())),
    )
}

/// Adds a VIP to the device where clients look for it.
fn on_clients_device(view: &HostView, vip: IpAddr) -> Remedy {
    let network = view.networks_of(vip).next();
    let prefix = match (network, vip) {
        (Some((_, prefix)), IpAddr::V4(_)) => IpPrefix::new(vip, prefix.length()).ok(),
        // With its network an IPv6 VIP would add another route there.
        _ => None,
    };
    let prefix = prefix.unwrap_or_else(|| IpPrefix::host(vip));
    let device = network.map(|(link, _)| &link.name).or_else(|| {
        let way = view.routes.iter().find(|route| {
            route.destination.is_none()
                && route.gateway.is_none_or(|it| it.is_ipv4() == vip.is_ipv4())
        });
        way.map(|route| &route.device)
    });
    match device {
        Some(device) => {
            let director = Director::new(prefix, device.clone());
            Remedy::SetUp(SetUp::Director(director))
        }
        None => Remedy::Open(Open::SetUpDirector(prefix)),
    }
}

/// A VIP that this host has, but does not answer ARP or neighbour discovery for.
fn unanswered(view: &HostView, vip: IpAddr) -> Option<Finding> {
    let asked: Vec<_> = view.networks_of(vip).collect();
    // Elsewhere routers know the way, and no neighbour asks.
    let (link, prefix) = asked.first()?;
    let entries: Vec<_> = view.carriers(vip).collect();
    let on_device = |link: &Link| {
        let mut here = entries.iter().filter(|it| it.address.device == link.name);
        here.any(|it| view.is_noticed_there(it))
    };
    let answered = |link: &Link| {
        let ignored = view.settings.on(&link.name, Ipv4Conf::ArpIgnore);
        // For IPv6, a device only ever answers for its own addresses.
        on_device(link)
            || vip.is_ipv4() && ignored.is_none_or(|it| !ARP_IGNORE_ENOUGH.contains(&it.effective))
    };
    if asked.iter().any(|(link, _)| answered(link)) {
        return None;
    }
    let place = match entries.first() {
        Some(entry) => format!("on {}", entry.address.device),
        None => "an address of this host only by a local route".to_owned(),
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
        format!("arp_ignore makes {device} answer only for its own addresses")
    } else {
        format!("{device} answers only for its own addresses")
    };
    let said = format!("{vip} is {place}, and no device answers {asking} for it: {why}");
    let kind = FindingKind::VipNotAnswered;
    // Two hosts can be each other's standby and real server: the second one has the VIP like this.
    if view.recorded_director(vip).is_none() {
        let is_held = |device: &DeviceName| view.answers.is_held(&(vip, device.clone()));
        if asked
            .iter()
            .any(|(link, _)| is_held(&link.name) == Some(true))
        {
            return None;
        }
        let effect = format!(
            "Right, if another director has it and this host is one of its real servers. If this host \
             should be the director, clients and routers in {prefix} do not find it, unless they have \
             a route to it through this host."
        );
        return Some(Finding::note(kind, said, effect));
    }
    let effect = format!(
        "Clients and routers in {prefix} do not find it, unless they have a route to it through this host."
    );
    let finding = if vip.is_ipv4() {
        Finding::problem(kind, said, effect)
    } else {
        Finding::warning(kind, said, effect)
    };
    let finding = match entries.first() {
        Some(entry) => finding.fix(vip::delete(entry)),
        None => finding.fix(Remedy::DeleteRoute(HostRoute::local(vip))),
    };
    Some(finding.fix(set_up_on_device(view, vip)))
}

/// Moves a VIP to the clients' device. Everything else stays as it was set up.
fn set_up_on_device(view: &HostView, vip: IpAddr) -> Remedy {
    view.recorded_director(vip).map_or_else(
        || on_clients_device(view, vip),
        |it| Remedy::SetUp(SetUp::Director(it.clone().placement(Placement::Device))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        finding::Severity,
        testing::{balancing, direct, here, kinds, masqueraded, of, remedies},
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
        let up = "set up the director for 10.10.10.100/24 on eth0";
        assert_eq!(remedies(&findings), [up]);
    }

    #[test]
    fn a_vip_without_a_network_is_added_where_the_operator_says() {
        let mut view = view(None);
        view.addresses.clear();
        let open = Open::SetUpDirector("10.10.10.100".parse().unwrap());
        assert_eq!(remedies(&check(&view)), [Remedy::Open(open).to_string()]);
    }

    #[test]
    fn a_second_director_that_is_a_real_server_is_not_told_to_take_the_vip() {
        let mut view = view(Some("lo"));
        view.settings.plant("net.ipv4.conf.all.arp_ignore", 1);
        let findings = check(&view);
        assert_eq!(kinds(&findings), [FindingKind::VipNotAnswered]);
        assert!(findings.iter().all(|it| it.severity == Severity::Note));
        assert_eq!(remedies(&findings), Vec::<String>::new());
    }

    #[test]
    fn a_service_on_the_loopback_address_never_costs_the_host_its_loopback() {
        let mut view = view(None);
        view.addresses.push(address("127.0.0.1/8", "lo"));
        let endpoint = "127.0.0.1:80".parse::<ipvs::Endpoint>().unwrap();
        let local = of(ipvs::Service::tcp(endpoint), [masqueraded("10.10.10.12")]);
        assert_eq!(super::check(&view, &local), []);
    }

    #[test]
    fn a_vip_on_another_device_is_answered_for_unless_arp_is_ignored() {
        assert_eq!(check(&view(Some("eth0"))), []);
        let mut view = view(Some("dummy0"));
        assert_eq!(check(&view), []);
        view.settings.plant("net.ipv4.conf.all.arp_ignore", 1);
        let device = "eth0".parse().unwrap();
        let director = Director::new("10.10.10.100/24".parse().unwrap(), device);
        view.set_ups.push(SetUp::Director(director));
        let findings = check(&view);
        assert_eq!(kinds(&findings), [FindingKind::VipNotAnswered]);
        assert_eq!(
            remedies(&findings),
            [
                "delete 10.10.10.100/32 on dummy0",
                "set up the director for 10.10.10.100/24 on eth0",
            ]
        );
        // Nobody asks for a VIP that is in no network of this host.
        view.addresses.remove(0);
        assert_eq!(check(&view), []);
    }
}
