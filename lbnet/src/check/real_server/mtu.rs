//! Whether clients are told to send what fits through a tunnel.

use super::clients_side;
use crate::{
    Route,
    check::{ExpectedServer, Finding, FindingKind, tcp_headers, view::HostView},
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
    let room = mtu.saturating_sub(tunnel.overhead(local));
    let segment = room.saturating_sub(tcp_headers(vip));
    let to_clients = view.routes.iter().filter(|route| {
        let of_family = route
            .gateway
            .is_some_and(|it| it.is_ipv4() == vip.is_ipv4());
        route.destination.is_none() && of_family
    });
    let wide: Vec<_> = to_clients
        .filter(|route| {
            let told = route.advertised_mss.is_some_and(|mss| mss <= segment);
            !told && route.mtu.is_none_or(|mtu| mtu > room)
        })
        .collect();
    wide.first()?;
    let finding = Finding::note(
        FindingKind::TunnelMtu,
        format!(
            "clients are told to send packets that do not fit through the tunnel ({room} bytes)"
        ),
        format!(
            "The director tells them to send smaller ones; where ICMP is filtered they hear nothing \
             of it, and large uploads hang. With segments of {segment} bytes they need not hear."
        ),
    );
    Some(finding.mend_all(wide.into_iter().map(|route| change(route, segment))))
}

fn change(route: &Route, segment: u32) -> String {
    let gateway = route.gateway.map(|gateway| format!(" via {gateway}"));
    let metric = (route.metric > 0).then(|| format!(" metric {}", route.metric));
    format!(
        "ip route change default{} dev {}{} advmss {segment}",
        gateway.unwrap_or_default(),
        route.device,
        metric.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        DeviceName, Tunnel,
        check::{
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
