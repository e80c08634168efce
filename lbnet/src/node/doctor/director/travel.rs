//! Whether clients' packets get in.

use std::net::IpAddr;

use super::side::clients_side;
use crate::{
    Role,
    node::doctor::{
        balancing::Balancing,
        finding::Finding,
        travel,
        view::{Entrance, HostView},
    },
};

/// Where clients' packets for VIPs should arrive.
pub(in crate::node::doctor) fn entrances(view: &HostView, vips: &[IpAddr]) -> Vec<Entrance> {
    // A standby may have them as a real server, and is examined as one.
    let active = vips
        .iter()
        .filter(|vip| view.recorded_director(**vip).is_some() || !view.is_hidden(**vip));
    let entrances = active.flat_map(|vip| match view.recorded_director(*vip) {
        Some(director) => travel::entrances(*vip, [director.device()]),
        None => travel::entrances(*vip, clients_side(view, *vip).map(|link| &link.name)),
    });
    entrances.collect()
}

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let vips = balancing.vips().into_iter();
    vips.flat_map(|vip| travel::arriving(view, vip, Role::Director))
        .collect()
}
