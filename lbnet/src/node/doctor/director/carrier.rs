//! Whether the director can reach clients and real servers at all.

use crate::{
    Director, Link, LinkState, Resolution,
    node::doctor::{balancing::Balancing, carrier, finding::Finding, view::HostView},
};

/// A VIP on a device that is down is another finding, as is a real server without a route.
pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let vips = balancing.vips().into_iter();
    let clients = vips.flat_map(|vip| {
        let recorded = view.recorded_director(vip).map(Director::device);
        let carriers = view.carriers(vip).map(|it| &it.address.device);
        carriers.chain(recorded).collect::<Vec<_>>()
    });
    let servers = balancing.destinations().filter_map(|(_, status)| {
        let path = view.paths.get(&status.destination.id.address)?;
        Some(&path.device)
    });
    let mut devices: Vec<_> = clients.chain(servers).collect();
    devices.sort_unstable();
    devices.dedup();
    let links = devices.into_iter().filter_map(|device| view.link(device));
    let used = |link: &&Link| link.state == LinkState::Up && link.resolution == Resolution::Arp;
    links
        .filter(used)
        .filter_map(|link| carrier::check(view, link))
        .collect()
}
