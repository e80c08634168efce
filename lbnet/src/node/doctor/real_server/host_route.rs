//! The route to the VIP that `real-server up` adds.

use std::net::IpAddr;

use crate::{
    HostRoute, HostRouteKind, ServerPlacement,
    node::doctor::{
        expected::ExpectedServer,
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Option<Finding> {
    let vip = expected.vip().filter(IpAddr::is_ipv4)?;
    // `up` adds no route to a VIP on the device.
    if expected.placement == ServerPlacement::Device {
        return None;
    }
    let entry = view.carriers(vip).next()?;
    let routes = view.host_routes.iter().map(|status| &status.route);
    let mut to_it = routes.filter(|it| it.destination == vip && it.kind == HostRouteKind::Unicast);
    if to_it.next().is_some() {
        return None;
    }
    let device = &entry.address.device;
    let finding = Finding::note(
        FindingKind::HostRouteMissing,
        format!("there is no route to {vip} through {device}"),
        "Clients are not affected: the kernel finds the address in the local table, which it looks at \
         first.",
    );
    let route = HostRoute::new(vip, device.clone());
    Some(finding.fix(Remedy::AddRoute(route)))
}
