//! Addresses that look like VIPs of a real server, and of which nobody said that they are.

use std::net::IpAddr;

use super::{
    finding::{Finding, FindingKind},
    view::HostView,
};
use crate::{
    AddressStatus, DeviceName, IpPrefix, LinkKind,
    model::{mark, vip},
};

/// The addresses that a host has as a real server has its VIPs: on `lo`, or alone in their network on
/// a dummy or a tunnel device. Routers have their identifiers there, and container networks theirs.
pub(super) fn vips(view: &HostView) -> Vec<IpAddr> {
    let entries = view.addresses.iter().filter(|it| is_as_of_vip(view, it));
    let mut vips: Vec<_> = entries
        .map(|it| it.address.prefix.address())
        .filter(|it| vip::check(*it).is_ok() && !is_link_local(*it))
        .collect();
    vips.sort_unstable();
    vips.dedup();
    vips
}

/// Without a remedy: it would make a real server of a host that is none.
pub(super) fn finding(view: &HostView, vip: IpAddr) -> Finding {
    let carrier = view.carriers(vip).next();
    let device = carrier.map(|it| &it.address.device);
    let place = device.map_or_else(String::new, |it| format!(" on {it}"));
    if carrier.is_some_and(|it| it.origin == Some(mark::PROTOCOL)) {
        return Finding::note(
            FindingKind::PossibleVip,
            format!("{vip} is{place} with the mark of ipvs-rs, but no journal knows it"),
            "The journal of an earlier set-up is lost, as when a container is made anew. The same up as then \
             takes it back into the journal; the same down undoes it.",
        );
    }
    Finding::note(
        FindingKind::PossibleVip,
        format!("{vip} is{place}, as on a real server, but nothing says that it is a virtual IP"),
        "If it is something else, such as the identifier of a router, nothing is wrong. A virtual IP is \
         checked with ipvs-rs doctor --vip ADDRESS.",
    )
}

fn is_as_of_vip(view: &HostView, status: &AddressStatus) -> bool {
    let prefix = status.address.prefix;
    let Some(link) = view.link_of(status) else {
        return false;
    };
    let alone = prefix == IpPrefix::host(prefix.address());
    let network_is_elsewhere = || {
        let others = view.addresses.iter().map(|it| &it.address);
        let mut others = others.filter(|it| it.device != link.name);
        others.any(|other| other.prefix.contains(prefix.address()))
    };
    match &link.kind {
        // On lo, a VIP with its network is a mistake, unless that network is nowhere else.
        _ if link.name == DeviceName::loopback() => alone || network_is_elsewhere(),
        Some(LinkKind::Dummy) => alone,
        // A tunnel with a peer has addresses of its own, as have devices without ARP such as
        // WireGuard and PPP.
        Some(LinkKind::Tunnel(tunnel)) => alone && tunnel.remote.is_none(),
        _ => false,
    }
}

/// Name server caches listen on such addresses, on every machine.
fn is_link_local(vip: IpAddr) -> bool {
    matches!(vip, IpAddr::V4(vip) if vip.is_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::view::tests::{address, link};

    #[test]
    fn addresses_of_the_loopback_network_and_link_local_ones_are_no_vips() {
        let view = HostView {
            links: vec![link(1, "lo"), link(2, "eth0")],
            addresses: [
                ("127.0.0.1/8", "lo"),
                ("::1/128", "lo"),
                ("169.254.20.10/32", "lo"),
                ("192.0.2.79/32", "lo"),
                ("10.10.10.12/32", "eth0"),
            ]
            .map(|(prefix, device)| address(prefix, device))
            .into(),
            ..HostView::default()
        };
        let vips = vips(&view);
        assert_eq!(vips, ["192.0.2.79".parse::<IpAddr>().unwrap()]);
        assert_eq!(finding(&view, vips[0]).remedies, []);
    }
}
