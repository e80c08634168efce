//! Whether the host tells clients to send packets that fit through a tunnel.

use super::side::clients_side;
use crate::{
    model::tunnel::TunnelMtu,
    node::doctor::{
        expected::ExpectedServer,
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

/// The MTU of the director's device is assumed to be that of this host's.
pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Option<Finding> {
    let (vip, tunnel) = expected.by_tunnel()?;
    let devices = clients_side(view, expected);
    let mtu = devices.iter().map(|link| link.mtu).min()?;
    let local = tunnel.local_address().unwrap_or(vip);
    let limit = TunnelMtu::of(tunnel, vip, local, mtu);
    let telling_more: Vec<_> = limit.is_exceeded_by(&view.routes, vip).collect();
    telling_more.first()?;
    let finding = Finding::note(
        FindingKind::TunnelMtu,
        format!(
            "this host tells clients to send packets that do not fit through the tunnel ({} bytes)",
            limit.packet
        ),
        format!(
            "The director tells clients by ICMP to send smaller packets. Where ICMP is filtered, large \
             uploads hang. With TCP segments of {} bytes, packets fit from the start.",
            limit.segment
        ),
    );
    let remedies = telling_more
        .into_iter()
        .map(|route| limit.advertised_on(route));
    Some(finding.fix_all(remedies.map(Remedy::AdvertiseMss)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        DeviceName, Route, Tunnel,
        node::doctor::{
            testing::remedies,
            view::tests::{address, link},
        },
    };

    #[test]
    fn the_default_route_should_advertise_segments_that_fit() {
        let found = |advertised_mss| {
            let view = HostView {
                links: vec![link(2, "eth0")],
                addresses: vec![address("10.10.10.12/24", "eth0")],
                routes: vec![Route {
                    gateway: "10.10.10.1".parse().ok(),
                    advertised_mss,
                    metric: 100,
                    ..Route::default_through(DeviceName::from_kernel("eth0".to_owned()))
                }],
                ..HostView::default()
            };
            let vip = "10.10.10.100".parse().unwrap();
            Vec::from_iter(check(&view, &ExpectedServer::tunnel(vip, Tunnel::ipip())))
        };
        let change = "advertise TCP segments of 1440 bytes over the default route through eth0";
        assert_eq!(remedies(&found(None)), [change]);
        assert_eq!(remedies(&found(Some(1460))), [change]);
        assert_eq!(found(Some(1440)), []);
    }
}
