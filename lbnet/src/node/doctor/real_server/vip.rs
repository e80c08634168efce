//! Whether the VIP is on the host, and where neighbours do not notice it.

use std::net::IpAddr;

use super::side::{is_noticed_on, set_up};
use crate::node::doctor::{
    expected::ExpectedServer,
    finding::{Finding, FindingKind},
    view::HostView,
    vip,
};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let Some(vip) = expected.vip() else {
        return Vec::new();
    };
    if let Some(finding) = vip::with_its_network_on_lo(view, vip, set_up(view, expected)) {
        return vec![finding];
    }
    let noticed = noticed(view, vip, expected);
    if !noticed.is_empty() || view.is_local(vip) {
        return noticed;
    }
    let down = vip::on_a_device_that_is_down(view, vip);
    vec![down.unwrap_or_else(|| missing(view, vip, expected))]
}

/// The VIP on devices that answer ARP for their own addresses, whatever is set.
fn noticed(view: &HostView, vip: IpAddr, expected: &ExpectedServer) -> Vec<Finding> {
    let entries = view.carriers(vip);
    let noticed = entries.filter(|entry| is_noticed_on(view, &entry.address.device));
    noticed
        .map(|entry| {
            let device = &entry.address.device;
            let finding = Finding::problem(
                FindingKind::VipOnWrongDevice,
                format!("{vip} is on {device}, which answers ARP for its own addresses"),
                "Some clients reach this host instead of the director: they are not balanced, and \
                 when this host is down they get no answer.",
            );
            finding
                .fix(vip::delete(entry))
                .fix(expected.set_up(Some(device)))
        })
        .collect()
}

fn missing(view: &HostView, vip: IpAddr, expected: &ExpectedServer) -> Finding {
    let finding = Finding::problem(
        FindingKind::VipMissing,
        format!("{vip} is not an address of this host"),
        "This host drops or forwards the packets that the director sends: this server's clients get no \
         answer.",
    );
    finding.fix(set_up(view, expected))
}
