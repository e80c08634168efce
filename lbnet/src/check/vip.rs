//! What is wrong with a VIP wherever it is.

use std::net::IpAddr;

use super::{Finding, FindingKind, view::HostView};
use crate::{AddressStatus, DeviceName, IpPrefix, LinkState};

/// A VIP on `lo` that is not alone in its network; `then` is the command that sets it up well.
pub(super) fn with_its_network_on_lo(view: &HostView, vip: IpAddr, then: &str) -> Option<Finding> {
    let mut entries = view.carriers(vip);
    let entry = entries.find(|status| {
        status.address.device == DeviceName::loopback()
            && status.address.prefix != IpPrefix::host(vip)
    })?;
    let prefix = entry.address.prefix;
    let kind = FindingKind::VipWithWrongPrefix;
    let said = format!("{vip} is on lo with the prefix /{}", prefix.length());
    // `fib_add_ifaddr` makes the whole prefix local on lo; for IPv6 it becomes a route as on any
    // device, and of two with the same metric the older one is taken.
    let finding = if vip.is_ipv4() {
        Finding::problem(
            kind,
            said,
            format!(
                "All addresses of {prefix} are this host: it answers none of the clients that have \
                 one, and reaches no other server there."
            ),
        )
    } else {
        Finding::warning(
            kind,
            said,
            format!(
                "There is a route to {prefix} through lo: when the device that really leads there \
                 has been down for a moment, clients of that network get no answers any more."
            ),
        )
    };
    Some(finding.mend(delete(entry)).mend(then))
}

/// A VIP that does not work as its device is switched off.
pub(super) fn on_a_device_that_is_down(view: &HostView, vip: IpAddr) -> Option<Finding> {
    let links = || view.carriers(vip).filter_map(|entry| view.link_of(entry));
    if links().any(|link| link.state == LinkState::Up) {
        return None;
    }
    let device = &links().next()?.name;
    let finding = Finding::problem(
        FindingKind::VipDeviceDown,
        format!("{device}, which has {vip}, is down"),
        "The address is not used: clients get no answer from this host.",
    );
    Some(finding.mend(format!("ip link set {device} up")))
}

/// The command that deletes an address.
pub(super) fn delete(entry: &AddressStatus) -> String {
    let address = &entry.address;
    format!(
        "ip address delete {} dev {}",
        address.prefix, address.device
    )
}
