//! What can be wrong with a VIP in either role.

use std::net::IpAddr;

use super::{
    carrier,
    finding::{Finding, FindingKind},
    remedy::Remedy,
    view::HostView,
};
use crate::{AddressStatus, DeviceName, IpPrefix, Link, LinkState, Resolution};

/// A VIP on `lo` that is not alone in its network; `then` sets it up well.
pub(super) fn with_its_network_on_lo(
    view: &HostView,
    vip: IpAddr,
    then: Remedy,
) -> Option<Finding> {
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
                "This host treats every address of {prefix} as its own: clients in that network get no \
                 answer, and the host reaches no other server there."
            ),
        )
    } else {
        Finding::warning(
            kind,
            said,
            format!(
                "There is a route to {prefix} through lo: once the device that really leads there has \
                 been down for a moment, clients in that network get no answer."
            ),
        )
    };
    Some(finding.fix(delete(entry)).fix(then))
}

/// A VIP that does not work because its device is down.
///
/// An IPv4 address of such a device still belongs to the host. On a device without ARP, such as a
/// dummy, it makes no difference.
pub(super) fn on_a_device_that_is_down(view: &HostView, vip: IpAddr) -> Option<Finding> {
    let links = || view.carriers(vip).filter_map(|entry| view.link_of(entry));
    let works = |link: &Link| {
        link.state == LinkState::Up || link.resolution == Resolution::None && view.is_local(vip)
    };
    if links().any(works) {
        return None;
    }
    let first = links().next()?;
    let device = &first.name;
    let finding = Finding::problem(
        FindingKind::VipDeviceDown,
        format!("{device}, which has {vip}, is down"),
        "Clients get no answer from this host.",
    );
    Some(finding.fix(Remedy::SwitchOn(carrier::to_switch_on(view, first))))
}

/// Deletes an address.
pub(super) fn delete(entry: &AddressStatus) -> Remedy {
    Remedy::DeleteAddress(entry.address.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        testing::here,
        view::tests::{address, link},
    };

    #[test]
    fn an_ipv4_vip_on_a_device_that_is_down_is_a_problem_where_arp_asks_for_it() {
        let vip = "10.10.10.100".parse().unwrap();
        let on = |device, state| {
            let mut link = link(2, device);
            link.state = state;
            let view = HostView {
                links: vec![link],
                addresses: vec![address("10.10.10.100/32", device)],
                paths: [here("10.10.10.100")].into(),
                ..HostView::default()
            };
            on_a_device_that_is_down(&view, vip).map(|finding| finding.remedies)
        };
        assert_eq!(on("eth0", LinkState::Up), None);
        assert_eq!(on("dummy0", LinkState::Down), None);
        let up = vec![Remedy::SwitchOn("eth0".parse().unwrap())];
        assert_eq!(on("eth0", LinkState::Down), Some(up));
    }
}
