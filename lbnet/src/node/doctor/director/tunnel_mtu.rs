//! Whether clients' packets fit through the tunnels.

use std::{collections::BTreeMap, net::IpAddr};

use crate::{
    DeviceName, Reach, Tunnel, VsSetting,
    model::tunnel::tcp_headers,
    node::doctor::{
        BalancedServer, BalancedService, Balancing, Finding, FindingKind, view::HostView,
    },
};

/// A way that is too narrow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Narrow {
    device: DeviceName,
    /// The largest packet that fits, in bytes.
    room: u32,
    widening: Widening,
}

/// What makes them fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Widening {
    /// A device that takes larger packets than those on the clients' side.
    Mtu(u32),
    /// Clients are behind the same device: wider, it would let in larger packets too. Their segments
    /// have to be smaller, which the real servers tell them.
    Segments(u32),
}

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let mut ways: BTreeMap<Narrow, Vec<IpAddr>> = BTreeMap::new();
    for (service, server) in balancing.servers() {
        if let Some(narrow) = narrow(view, service, server) {
            ways.entry(narrow).or_default().push(server.address);
        }
    }
    let ways = ways.into_iter();
    ways.map(|(narrow, servers)| finding(view, &narrow, servers))
        .collect()
}

fn narrow(view: &HostView, service: &BalancedService, server: &BalancedServer) -> Option<Narrow> {
    let overhead = Tunnel::new(server.encapsulation()?).overhead(server.address);
    let path = view.paths.get(&server.address)?;
    if path.reach != Reach::Remote {
        return None;
    }
    let vip = service.vip()?;
    let carrying = view.carriers(vip).filter_map(|it| view.link_of(it));
    let around = view.networks_of(vip).map(|(link, _)| link);
    let clients_side: Vec<_> = carrying.chain(around).filter(|it| it.is_asking()).collect();
    let largest = clients_side.iter().map(|link| link.mtu).max()?;
    let room = path.mtu.or_else(|| Some(view.link(&path.device)?.mtu))?;
    let room = room.saturating_sub(overhead);
    let same = clients_side.iter().any(|link| link.name == path.device);
    (room < largest).then(|| Narrow {
        device: path.device.clone(),
        room,
        widening: if same {
            Widening::Segments(room.saturating_sub(tcp_headers(vip)))
        } else {
            Widening::Mtu(largest + overhead)
        },
    })
}

fn finding(view: &HostView, narrow: &Narrow, mut servers: Vec<IpAddr>) -> Finding {
    servers.sort_unstable();
    servers.dedup();
    let names: Vec<_> = servers.iter().map(IpAddr::to_string).collect();
    let Narrow { device, room, .. } = narrow;
    let kind = FindingKind::TunnelMtu;
    let said = format!(
        "packets of more than {room} bytes do not fit through {device} to {}",
        names.join(", ")
    );
    let finding = if view.settings.vs(VsSetting::PmtuDisc) == Some(0) {
        Finding::warning(
            kind,
            said,
            "They are sent in fragments: large uploads are slow, and where fragments are dropped \
             they hang.",
        )
    } else {
        Finding::note(
            kind,
            said,
            "Clients are told so and send smaller ones; where ICMP is filtered they are not, and \
             large uploads hang.",
        )
    };
    match narrow.widening {
        Widening::Mtu(mtu) => finding.mend(format!(
            "ip link set {device} mtu {mtu}  # if all of its network takes as much"
        )),
        Widening::Segments(segment) => finding.mend_all(names.iter().map(|server| {
            format!("ip route change default via GATEWAY advmss {segment}  # on {server}")
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Decapsulation, ForwardingMethod, Severity,
        node::doctor::{
            tests::{balancing, remedies, way},
            view::tests::{address, link},
        },
    };

    /// A director with clients behind `eth0`, and a server behind another device.
    fn check(server_behind: &str, pmtu_disc: i64) -> Vec<Finding> {
        let mut view = HostView {
            links: vec![link(2, "eth0"), link(3, "eth1")],
            addresses: vec![address("10.10.10.100/24", "eth0")],
            paths: [way("10.10.20.12", server_behind)].into(),
            ..HostView::default()
        };
        view.settings.plant("net.ipv4.vs.pmtu_disc", pmtu_disc);
        let ipip = ForwardingMethod::Tunnel(Decapsulation::Ipip);
        let server = BalancedServer::new("10.10.20.12".parse().unwrap(), ipip);
        super::check(&view, &balancing(server))
    }

    #[test]
    fn a_wider_network_behind_makes_all_fit() {
        let mtu = "ip link set eth1 mtu 1520  # if all of its network takes as much";
        assert_eq!(remedies(&check("eth1", 1)), [mtu]);
    }

    #[test]
    fn where_clients_are_on_the_same_network_they_are_told_to_send_less() {
        let route = "ip route change default via GATEWAY advmss 1440  # on 10.10.20.12";
        assert_eq!(remedies(&check("eth0", 1)), [route]);
    }

    #[test]
    fn fragments_are_worse_than_clients_that_are_told() {
        let severity = |pmtu_disc| {
            let findings = check("eth1", pmtu_disc);
            findings.first().map(|finding| finding.severity)
        };
        assert_eq!(severity(1), Some(Severity::Note));
        assert_eq!(severity(0), Some(Severity::Warning));
    }
}
