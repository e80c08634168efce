//! Whether clients' packets fit through the tunnels.

use std::{collections::BTreeMap, net::IpAddr};

use ipvs::{DestinationStatus, ServiceId};

use super::side;
use crate::{
    DeviceName, Reach, Tunnel, VsSetting,
    model::tunnel::tcp_headers,
    node::doctor::{
        balancing::{self, Balancing},
        finding::{Finding, FindingKind},
        remedy::{Open, Remedy},
        view::HostView,
    },
};

/// A path that is too narrow.
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
    /// A larger MTU of the device.
    Mtu(u32),
    /// Smaller segments of the clients, which the real servers tell them. Clients are behind the same
    /// device: with a larger MTU it would accept larger packets of clients, too.
    Segments(u32),
}

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let mut ways: BTreeMap<Narrow, Vec<IpAddr>> = BTreeMap::new();
    for (service, status) in balancing.destinations() {
        if let Some(narrow) = narrow(view, service.id, status) {
            let server = status.destination.id.address;
            ways.entry(narrow).or_default().push(server);
        }
    }
    let ways = ways.into_iter();
    ways.map(|(narrow, servers)| finding(view, &narrow, servers))
        .collect()
}

fn narrow(view: &HostView, service: ServiceId, status: &DestinationStatus) -> Option<Narrow> {
    let server = status.destination.id.address;
    let overhead = Tunnel::new(balancing::decapsulation(status)?).overhead(server);
    let path = view.paths.get(&server)?;
    if path.reach != Reach::Remote {
        return None;
    }
    let vip = balancing::vip(service)?;
    let clients_side: Vec<_> = side::clients_side(view, vip).collect();
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
            "The kernel sends them in fragments: large uploads are slow, and hang where fragments are \
             dropped.",
        )
    } else {
        Finding::note(
            kind,
            said,
            "Clients learn this by ICMP and send smaller packets. Where ICMP is filtered, large uploads \
             hang.",
        )
    };
    match narrow.widening {
        Widening::Mtu(mtu) => finding.fix(Remedy::SetMtu {
            device: device.clone(),
            mtu,
        }),
        Widening::Segments(segment) => finding.fix_all(
            servers
                .into_iter()
                .map(|server| Remedy::Open(Open::AdvertiseSegment { segment }).on(server)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use ipvs::{Encapsulation, Forwarding};

    use super::*;
    use crate::node::doctor::{
        finding::Severity,
        testing::{balancing, direct, remedies, way},
        view::tests::{address, link},
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
        let ipip = Forwarding::Tunnel(Encapsulation::Ipip);
        super::check(&view, &balancing(direct("10.10.20.12").forwarding(ipip)))
    }

    #[test]
    fn a_larger_mtu_behind_the_director_makes_packets_fit() {
        let [mtu] = <[String; 1]>::try_from(remedies(&check("eth1", 1))).unwrap();
        assert!(
            mtu.starts_with("set the MTU of eth1 to 1520 bytes"),
            "{mtu}"
        );
    }

    #[test]
    fn clients_in_the_same_network_have_to_send_smaller_segments() {
        let route = "on 10.10.20.12: advertise TCP segments of 1440 bytes over the default route";
        assert_eq!(remedies(&check("eth0", 1)), [route]);
    }

    #[test]
    fn fragments_are_worse_than_clients_that_learn_by_icmp() {
        let severity = |pmtu_disc| {
            let findings = check("eth1", pmtu_disc);
            findings.first().map(|finding| finding.severity)
        };
        assert_eq!(severity(1), Some(Severity::Note));
        assert_eq!(severity(0), Some(Severity::Warning));
    }
}
