//! Whether the VIP is here, and where nobody notices.

use std::net::IpAddr;

use super::set_up;
use crate::{
    DeviceName, Link,
    node::doctor::{ExpectedServer, Finding, FindingKind, view::HostView, vip},
};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let Some(vip) = expected.vip() else {
        return Vec::new();
    };
    if let Some(finding) = vip::with_its_network_on_lo(view, vip, &set_up(view, expected)) {
        return vec![finding];
    }
    let noticed = noticed(view, vip, expected);
    if !noticed.is_empty() || view.is_local(vip) {
        return noticed;
    }
    let down = vip::on_a_device_that_is_down(view, vip);
    vec![down.unwrap_or_else(|| missing(view, vip, expected))]
}

/// Entries on devices that answer for their own addresses whatever is set.
fn noticed(view: &HostView, vip: IpAddr, expected: &ExpectedServer) -> Vec<Finding> {
    let entries = view.carriers(vip);
    let noticed = entries.filter(|entry| is_noticed_on(view, &entry.address.device));
    noticed
        .map(|entry| {
            let device = &entry.address.device;
            let finding = Finding::problem(
                FindingKind::VipOnWrongDevice,
                format!("{vip} is on {device}, which answers for its own addresses"),
                "Some clients reach this host instead of the director: they are not balanced, and \
                 when this host is down they get no answer.",
            );
            finding
                .mend(vip::delete(entry))
                .mend(expected.set_up(device.as_str()))
        })
        .collect()
}

fn is_noticed_on(view: &HostView, device: &DeviceName) -> bool {
    view.link(device).is_some_and(Link::is_asking)
}

/// Whether it is on a device that answers for it.
pub(super) fn is_noticed(view: &HostView, vip: IpAddr) -> bool {
    let mut entries = view.carriers(vip);
    entries.any(|entry| is_noticed_on(view, &entry.address.device))
}

fn missing(view: &HostView, vip: IpAddr, expected: &ExpectedServer) -> Finding {
    let finding = Finding::problem(
        FindingKind::VipMissing,
        format!("{vip} is not an address of this host"),
        "It drops the packets that the director sends here, or passes them on: its share of the \
         clients gets no answer.",
    );
    finding.mend(set_up(view, expected))
}
