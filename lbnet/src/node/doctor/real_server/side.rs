//! The clients' side of a real server: the devices that clients' packets and ARP requests arrive on.

use std::net::IpAddr;

use crate::{
    DeviceName, Link, Route,
    node::doctor::{expected::ExpectedServer, remedy::Remedy, view::HostView},
};

/// The devices on the clients' side: those that were named, else those in the VIP's network, else
/// those with a default route.
pub(super) fn clients_side<'a>(view: &'a HostView, expected: &ExpectedServer) -> Vec<&'a Link> {
    let asking = || view.links.iter().filter(|link| link.resolves_neighbours());
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
        asking().collect()
    } else {
        by_default
    }
}

/// Makes the host what it should be.
pub(super) fn set_up(view: &HostView, expected: &ExpectedServer) -> Remedy {
    let side = clients_side(view, expected);
    let device = side.first().map(|link| &link.name);
    expected.set_up(expected.devices.first().or(device))
}

/// Whether the VIP is on a device that answers ARP for its own addresses.
pub(super) fn is_noticed(view: &HostView, vip: IpAddr) -> bool {
    let mut entries = view.carriers(vip);
    entries.any(|entry| is_noticed_on(view, &entry.address.device))
}

pub(super) fn is_noticed_on(view: &HostView, device: &DeviceName) -> bool {
    view.link(device).is_some_and(Link::resolves_neighbours)
}
