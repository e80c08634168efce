//! Whether the VIP is on the host, and where neighbours do not notice it.

use std::net::IpAddr;

use super::side::{can_hide, clients_side, set_up};
use crate::{
    DeviceName,
    node::doctor::{
        expected::ExpectedServer,
        finding::{Finding, FindingKind},
        view::HostView,
        vip,
    },
};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let Some(vip) = expected.vip() else {
        return Vec::new();
    };
    if let Some(finding) = vip::with_its_network_on_lo(view, vip, set_up(view, expected)) {
        return vec![finding];
    }
    if let Some(finding) = not_delivered(view, vip, expected) {
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
    let noticed = entries.filter(|entry| view.is_noticed_there(entry));
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

/// A VIP that is not on the clients' device, although that receives only packets for its own
/// addresses.
fn not_delivered(view: &HostView, vip: IpAddr, expected: &ExpectedServer) -> Option<Finding> {
    if expected.by_tunnel().is_some() {
        return None;
    }
    let elsewhere: Vec<_> = view.carriers(vip).collect();
    let is_on = |device: &DeviceName| elsewhere.iter().any(|it| it.address.device == *device);
    let side = clients_side(view, expected);
    let only_own = side.first().filter(|link| link.receives_only_own())?;
    let entry = elsewhere.first().filter(|_| !is_on(&only_own.name))?;
    let (place, kind) = (&entry.address.device, only_own.kind_name());
    let finding = Finding::problem(
        FindingKind::VipOnWrongDevice,
        format!(
            "{vip} is on {place}, but {} is an {kind}, which receives only packets for its own addresses",
            only_own.name
        ),
        "Packets that the director sends do not arrive: this server's clients get no answer.",
    );
    Some(if can_hide(only_own, vip) {
        finding.fix(vip::delete(entry)).fix(set_up(view, expected))
    } else {
        finding
    })
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
