//! The clients' side of a director.

use std::net::IpAddr;

use crate::{Link, node::doctor::view::HostView};

/// The devices with a VIP or in its network that ask by ARP or neighbour discovery; one that is both,
/// twice.
pub(super) fn clients_side(view: &HostView, vip: IpAddr) -> impl Iterator<Item = &Link> {
    let carrying = view.carriers(vip).filter_map(|it| view.link_of(it));
    let around = view.networks_of(vip).map(|(link, _)| link);
    carrying
        .chain(around)
        .filter(|link| link.resolves_neighbours())
}
