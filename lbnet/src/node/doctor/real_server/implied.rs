//! How packets arrive for a VIP on a tunnel device.

use std::net::IpAddr;

use crate::{
    Link, LinkKind, ListenerProtocol, Tunnel, TunnelKind, TunnelLink,
    node::doctor::{expected::ExpectedServer, view::HostView},
};

/// A real server for a VIP of which nothing is recorded: through the tunnel whose device has the VIP,
/// else with direct routing.
pub(in crate::node::doctor) fn server(view: &HostView, vip: IpAddr) -> ExpectedServer {
    match tunnel(view, vip) {
        Some(tunnel) => ExpectedServer::tunnel(vip, tunnel),
        None => ExpectedServer::direct(vip),
    }
}

fn tunnel(view: &HostView, vip: IpAddr) -> Option<Tunnel> {
    let device = carrier(view, vip)?;
    let tunnel = match device.kind {
        TunnelKind::Gre | TunnelKind::Ip6gre => Tunnel::gre(device.checksum),
        // What a GUE listener hands on arrives on the same device.
        TunnelKind::Ipip | TunnelKind::Sit | TunnelKind::Ip6tnl => {
            gue(view).unwrap_or_else(Tunnel::ipip)
        }
    };
    let is_outside = |address: IpAddr| address.is_ipv4() == is_in_ipv4(device.kind);
    let local = device.local.or_else(|| {
        // A tunnel without an endpoint is of the VIP's family.
        let own = || own_addresses(view).find(|it| is_outside(*it));
        if is_outside(vip) { None } else { own() }
    });
    Some(match local {
        Some(local) => tunnel.local(local),
        None => tunnel,
    })
}

/// The tunnel device that has a VIP. One with a peer has addresses of its own.
fn carrier(view: &HostView, vip: IpAddr) -> Option<&TunnelLink> {
    let mut links = view.carriers(vip).filter_map(|entry| view.link_of(entry));
    links.find_map(|link| match &link.kind {
        Some(LinkKind::Tunnel(tunnel)) if tunnel.remote.is_none() => Some(tunnel),
        _ => None,
    })
}

fn gue(view: &HostView) -> Option<Tunnel> {
    let mut listeners = view.listeners.iter().flatten();
    let listener = listeners.find(|it| it.protocol == ListenerProtocol::Gue)?;
    Some(Tunnel::gue(listener.port.try_into().ok()?))
}

/// The addresses of the devices that have neighbours.
fn own_addresses(view: &HostView) -> impl Iterator<Item = IpAddr> {
    let entries = view.addresses.iter().filter(|entry| {
        let link = view.link_of(entry);
        link.is_some_and(Link::resolves_neighbours)
    });
    entries.map(|it| it.address.prefix.address())
}

fn is_in_ipv4(kind: TunnelKind) -> bool {
    match kind {
        TunnelKind::Ipip | TunnelKind::Sit | TunnelKind::Gre => true,
        TunnelKind::Ip6tnl | TunnelKind::Ip6gre => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        GreChecksum, ListenerScope, ListenerStatus, OuterFamily,
        node::doctor::view::tests::{address, link},
    };

    fn devices(kind: TunnelKind, local: Option<&str>, vip: &str) -> HostView {
        let mut device = link(3, "tunnel");
        let mut tunnel = TunnelLink::receiving(kind, "10.10.10.12".parse().unwrap());
        tunnel.local = local.map(|it| it.parse().unwrap());
        device.kind = Some(LinkKind::Tunnel(tunnel));
        HostView {
            links: vec![link(1, "lo"), link(2, "eth0"), device],
            addresses: vec![
                address("10.10.10.12/24", "eth0"),
                address("fd00::12/64", "eth0"),
                address(vip, "tunnel"),
            ],
            ..HostView::default()
        }
    }

    fn tunnel(view: &HostView) -> Option<Tunnel> {
        let vip = view.addresses.last()?.address.prefix.address();
        super::tunnel(view, vip)
    }

    #[test]
    fn a_vip_on_a_tunnel_device_is_reached_by_that_kind_of_tunnel() {
        let vip = "10.10.10.100/32";
        let tunl0 = devices(TunnelKind::Ipip, None, vip);
        assert_eq!(tunnel(&tunl0), Some(Tunnel::ipip()));
        let own = devices(TunnelKind::Gre, Some("10.10.10.12"), vip);
        let gre = Tunnel::gre(GreChecksum::None).local("10.10.10.12".parse().unwrap());
        assert_eq!(tunnel(&own), Some(gre));
        let mut elsewhere = devices(TunnelKind::Ipip, None, vip);
        elsewhere.addresses.pop();
        elsewhere.addresses.push(address(vip, "lo"));
        assert_eq!(tunnel(&elsewhere), None);
    }

    #[test]
    fn a_tunnel_of_another_family_ends_at_an_address_of_this_host() {
        let sit0 = devices(TunnelKind::Sit, None, "fd10::100/128");
        let end = "10.10.10.12".parse().unwrap();
        assert_eq!(tunnel(&sit0), Some(Tunnel::ipip().local(end)));
        let in_ipv6 = devices(TunnelKind::Ip6tnl, None, "10.10.10.100/32");
        let end = "fd00::12".parse().unwrap();
        assert_eq!(tunnel(&in_ipv6), Some(Tunnel::ipip().local(end)));
    }

    #[test]
    fn a_gue_listener_makes_it_a_gue_tunnel() {
        let mut devices = devices(TunnelKind::Ipip, None, "10.10.10.100/32");
        devices.listeners = Some(vec![ListenerStatus {
            port: 6080,
            family: OuterFamily::Ipv4,
            protocol: ListenerProtocol::Gue,
            scope: ListenerScope::All,
        }]);
        let gue = Tunnel::gue(6080.try_into().unwrap());
        assert_eq!(tunnel(&devices), Some(gue));
    }
}
