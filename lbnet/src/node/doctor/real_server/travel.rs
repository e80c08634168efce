//! Whether clients' packets get in, and replies to them out.

use super::side::clients_side;
use crate::{
    Role,
    node::doctor::{
        expected::ExpectedServer,
        finding::Finding,
        travel,
        view::{Entrance, HostView},
    },
};

/// Where packets for the VIP should arrive, or those that have them inside.
pub(in crate::node::doctor) fn entrances(
    view: &HostView,
    expected: &ExpectedServer,
) -> Vec<Entrance> {
    let Some(vip) = expected.vip() else {
        return Vec::new();
    };
    let devices = clients_side(view, expected).into_iter();
    travel::entrances(vip, devices.map(|link| &link.name))
}

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let Some(vip) = expected.vip() else {
        return Vec::new();
    };
    // Through a tunnel they arrive on another device, with the director as their sender.
    if expected.by_tunnel().is_some() {
        return travel::leaving_by_tunnel(view, vip);
    }
    let mut findings = travel::leaving(view, vip);
    findings.extend(travel::arriving(view, vip, Role::RealServer));
    findings
}
