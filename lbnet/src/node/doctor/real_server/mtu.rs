//! Whether clients are told to send what fits through a tunnel.

use super::clients_side;
use crate::{
    model::tunnel::Room,
    node::doctor::{ExpectedServer, Finding, FindingKind, view::HostView},
};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let finding = too_large(view, expected);
    finding.into_iter().collect()
}

/// The director's device is taken to be as wide as that of this host.
fn too_large(view: &HostView, expected: &ExpectedServer) -> Option<Finding> {
    let (vip, tunnel) = expected.by_tunnel()?;
    let devices = clients_side(view, expected);
    let mtu = devices.iter().map(|link| link.mtu).min()?;
    let local = tunnel.local_address().unwrap_or(vip);
    let room = Room::of(tunnel, vip, local, mtu);
    let telling_more: Vec<_> = room.exceeded_by(&view.routes, vip).collect();
    telling_more.first()?;
    let finding = Finding::note(
        FindingKind::TunnelMtu,
        format!(
            "clients are told to send packets that do not fit through the tunnel ({} bytes)",
            room.packet
        ),
        format!(
            "The director tells them to send smaller ones; where ICMP is filtered they hear nothing \
             of it, and large uploads hang. With segments of {} bytes they need not hear.",
            room.segment
        ),
    );
    let commands = telling_more
        .into_iter()
        .map(|route| room.told_by(route).to_string());
    Some(finding.mend_all(commands))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        DeviceName, Route, Tunnel,
        node::doctor::{
            tests::remedies,
            view::tests::{address, link},
        },
    };

    #[test]
    fn the_route_to_the_clients_says_what_fits() {
        let found = |advertised_mss| {
            let view = HostView {
                links: vec![link(2, "eth0")],
                addresses: vec![address("10.10.10.12/24", "eth0")],
                routes: vec![Route {
                    destination: None,
                    gateway: "10.10.10.1".parse().ok(),
                    device: DeviceName::from_kernel("eth0".to_owned()),
                    mtu: None,
                    advertised_mss,
                    metric: 100,
                }],
                ..HostView::default()
            };
            let vip = "10.10.10.100".parse().unwrap();
            check(&view, &ExpectedServer::tunnel(vip, Tunnel::ipip()))
        };
        let change = "ip route change default via 10.10.10.1 dev eth0 metric 100 advmss 1440";
        assert_eq!(remedies(&found(None)), [change]);
        assert_eq!(remedies(&found(Some(1460))), [change]);
        assert_eq!(found(Some(1440)), []);
    }
}
