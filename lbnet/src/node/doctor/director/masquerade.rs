//! Whether the replies of masqueraded real servers come back.

use std::{collections::BTreeMap, net::IpAddr};

use ipvs::{DestinationStatus, Protocol, Service, ServiceId};

use super::{one_network, silent};
use crate::{
    ConfTarget, Ipv4Conf, Ipv4Setting, Ipv6Conf, Reach, Sysctl,
    node::doctor::{
        balancing::{self, Balancing},
        finding::{Finding, FindingKind},
        remedy::{Open, Remedy},
        view::HostView,
    },
};

/// After this many packets the first replies should have come.
const PACKETS_ENOUGH: u64 = 10;

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let elsewhere = || {
        let all = balancing.masqueraded();
        all.filter(|(_, status)| !view.is_local(status.destination.id.address))
    };
    let off: BTreeMap<_, _> = elsewhere()
        .filter_map(|(_, status)| forwarding_off(view, status.destination.id.address))
        .collect();
    let unanswered = elsewhere()
        .filter(|(service, status)| !one_network::explains(view, balancing, service, status))
        .filter(|(_, status)| !silent::is_dead(view, status.destination.id.address))
        .filter_map(|(service, status)| replies(view, service.id, status));
    off.into_values().chain(unanswered).collect()
}

/// Whether a finding here explains that the clients of a masqueraded real server get no answer.
pub(super) fn explains(view: &HostView, service: &Service, status: &DestinationStatus) -> bool {
    forwarding_off(view, status.destination.id.address).is_some()
        || replies(view, service.id, status).is_some()
}

/// The finding under the setting that is off: one for all servers behind it.
fn forwarding_off(view: &HostView, server: IpAddr) -> Option<(String, Finding)> {
    let (key, said) = if server.is_ipv4() {
        let path = view.paths.get(&server)?;
        if path.reach != Reach::Remote {
            return None;
        }
        // The kernel checks the setting of the device that a packet came in by.
        let forwarding = view.settings.on(&path.device, Ipv4Conf::Forwarding)?;
        if forwarding.effective != 0 {
            return None;
        }
        let said = format!("packets that arrive on {} are not forwarded", path.device);
        // If it is on for `all`, writing that again changes no device.
        let key = if forwarding.all == 0 {
            Sysctl::Ipv4(Ipv4Setting::IpForward)
        } else {
            let own = ConfTarget::Device(path.device.clone());
            Sysctl::ipv4_conf(own, Ipv4Conf::Forwarding)
        };
        (key, said)
    } else {
        let key = Sysctl::ipv6_conf(ConfTarget::All, Ipv6Conf::Forwarding);
        if view.settings.get(&key)? != 0 {
            return None;
        }
        let said = "IPv6 packets are not forwarded".to_owned();
        (key, said)
    };
    let finding = Finding::problem(
        FindingKind::ForwardingOff,
        format!("{said}, and {server} is masqueraded"),
        "Requests reach the real server, but this host drops its replies: clients connect and get no \
         answer.",
    );
    let name = key.to_string();
    Some((name, finding.fix_all(switched_on(view, key))))
}

/// Makes this host forward packets, and go on listening to router advertisements.
pub(super) fn switched_on(view: &HostView, key: Sysctl) -> Vec<Remedy> {
    let before = match key {
        Sysctl::Ipv6Conf { .. } => view.settings.kept_by_advertisements(&view.links),
        _ => Vec::new(),
    };
    let before = before.into_iter().map(|it| Remedy::set(it, 2));
    before.chain([Remedy::set(key, 1)]).collect()
}

fn replies(view: &HostView, service: ServiceId, status: &DestinationStatus) -> Option<Finding> {
    // A UDP packet need not be answered.
    let answered = balancing::protocol(service)? != Protocol::Udp;
    let (sent, back) = (status.stats.incoming_packets, status.stats.outgoing_packets);
    if !answered || sent < PACKETS_ENOUGH || back > 0 {
        return None;
    }
    let server = status.destination.id.address;
    let here = view.paths.get(&server).and_then(|path| path.source);
    let remedy = match here {
        Some(here) => Remedy::ReplaceDefaultGateway(here),
        None => Remedy::Open(Open::GatewayIsTheDirector),
    };
    let finding = Finding::problem(
        FindingKind::RepliesDoNotComeBack,
        format!(
            "{server} received {sent} packets for {service}, but none of its replies passed this host"
        ),
        "Either it does not answer, or its replies take another route and arrive with its own address \
         as their source: clients do not recognise them, and time out.",
    );
    Some(finding.fix(remedy.on(server)))
}

#[cfg(test)]
mod tests {
    use ipvs::Stats;

    use super::*;
    use crate::node::doctor::testing::{
        balancing, kinds, masqueraded, remedies, service, way, with_traffic,
    };

    const SERVER: &str = "10.10.20.12";

    fn view(forwarding: i64) -> HostView {
        let mut view = HostView::default();
        view.settings
            .plant("net.ipv4.conf.all.forwarding", forwarding);
        view.settings
            .plant("net.ipv4.conf.eth1.forwarding", forwarding);
        let (address, path) = way(SERVER, "eth1");
        view.paths.insert(address, path);
        view
    }

    #[test]
    fn replies_need_forwarding_on_the_device_that_they_arrive_on() {
        let balancing = balancing(masqueraded(SERVER));
        let findings = check(&view(0), &balancing);
        assert_eq!(kinds(&findings), [FindingKind::ForwardingOff]);
        assert_eq!(remedies(&findings), ["set net.ipv4.ip_forward to 1"]);
        assert_eq!(check(&view(1), &balancing), []);
    }

    #[test]
    fn a_server_whose_replies_do_not_come_back_needs_the_director_as_gateway() {
        let after = |sent, back| {
            let mut stats = Stats::default();
            stats.incoming_packets = sent;
            stats.outgoing_packets = back;
            let server = DestinationStatus::new(masqueraded(SERVER), stats);
            check(&view(1), &with_traffic(service(), [server]))
        };
        let findings = after(10, 0);
        assert_eq!(kinds(&findings), [FindingKind::RepliesDoNotComeBack]);
        let gateway = "on 10.10.20.12: make 10.10.10.11 the default gateway";
        assert_eq!(remedies(&findings), [gateway]);
        assert_eq!(after(9, 0), []);
        assert_eq!(after(10, 1), []);
    }
}
