//! The clients' side of a real server: the devices that clients' packets and ARP requests arrive on.

use std::net::IpAddr;

use crate::{
    Link, Resolution, Route, ServerPlacement,
    node::doctor::{expected::ExpectedServer, remedy::Remedy, view::HostView},
};

/// The devices on the clients' side: those that were named, else those in the VIP's network, else
/// those with a default route, else those with an address of the VIP's family.
pub(super) fn clients_side<'a>(view: &'a HostView, expected: &ExpectedServer) -> Vec<&'a Link> {
    if !expected.devices.is_empty() {
        let named = |link: &&Link| expected.devices.contains(&link.name);
        return view.links.iter().filter(named).collect();
    }
    let towards_vip = match expected.vip() {
        Some(vip) => view.networks_of(vip).map(|(link, _)| link).collect(),
        None => Vec::new(),
    };
    if !towards_vip.is_empty() {
        return towards_vip;
    }
    let towards_clients = |route: &&Route| match expected.vip() {
        Some(vip) => route.is_default_for(vip),
        None => route.destination.is_none() && route.gateway.is_some(),
    };
    let by_default = view.routes.iter().filter(towards_clients);
    let by_default: Vec<_> = by_default
        .filter_map(|route| view.link(&route.device))
        .filter(|link| link.resolves_neighbours())
        .collect();
    if by_default.is_empty() {
        let all = view.links.iter();
        all.filter(|link| link.resolves_neighbours() && has_address(view, link, expected.vip()))
            .collect()
    } else {
        by_default
    }
}

/// Whether a device has an address of the VIP's family: without one nobody is expected behind it.
fn has_address(view: &HostView, link: &Link, vip: Option<IpAddr>) -> bool {
    let mut own = view.addresses.iter();
    own.any(|it| {
        let is_ipv4 = it.address.prefix.address().is_ipv4();
        it.address.device == link.name && vip.is_none_or(|vip| vip.is_ipv4() == is_ipv4)
    })
}

/// Makes the host what it should be.
pub(super) fn set_up(view: &HostView, expected: &ExpectedServer) -> Remedy {
    let side = clients_side(view, expected);
    let device = side.first().map(|link| &link.name);
    expected.set_up(expected.devices.first().or(device))
}

/// The same server, with its VIP where packets for it arrive.
pub(super) fn delivered(view: &HostView, expected: &ExpectedServer) -> ExpectedServer {
    let side = clients_side(view, expected);
    let only_own = side.first().filter(|link| link.receives_only_own());
    let on_device = expected.by_tunnel().is_none()
        && expected
            .vip()
            .is_some_and(|vip| only_own.is_some_and(|link| can_hide(link, vip)));
    let expected = expected.clone();
    if on_device {
        expected.placement(ServerPlacement::Device)
    } else {
        expected
    }
}

/// Whether a device can have a VIP that neighbours do not find.
pub(super) fn can_hide(link: &Link, vip: IpAddr) -> bool {
    vip.is_ipv4() || link.resolution == Resolution::None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Master, MasterKind,
        node::doctor::view::tests::{address, link},
    };

    /// Two devices with addresses, of which eth1 may belong to another one, and one without.
    fn side(master: Option<MasterKind>, vip: &str) -> Vec<String> {
        let mut second = link(3, "eth1");
        second.master = master.map(|kind| Master { index: 9, kind });
        let view = HostView {
            links: vec![link(1, "lo"), link(2, "eth0"), second, link(4, "eth2")],
            addresses: vec![
                address("10.10.10.12/24", "eth0"),
                address("fd00::12/64", "eth0"),
                address("10.10.20.12/24", "eth1"),
            ],
            ..HostView::default()
        };
        let expected = ExpectedServer::direct(vip.parse().unwrap());
        let side = clients_side(&view, &expected).into_iter();
        side.map(|link| link.name.to_string()).collect()
    }

    #[test]
    fn nobody_is_expected_behind_a_device_without_an_address_of_the_family() {
        assert_eq!(side(None, "192.0.2.100"), ["eth0", "eth1"]);
        assert_eq!(side(None, "fd77::100"), ["eth0"]);
        assert_eq!(side(None, "10.10.20.100"), ["eth1"]);
    }

    #[test]
    fn ports_of_bridges_bonds_and_teams_are_never_on_the_clients_side() {
        for kind in [MasterKind::Bridge, MasterKind::Bond, MasterKind::Team] {
            assert_eq!(side(Some(kind), "192.0.2.100"), ["eth0"]);
        }
        assert_eq!(side(Some(MasterKind::Vrf), "192.0.2.100"), ["eth0", "eth1"]);
    }
}
