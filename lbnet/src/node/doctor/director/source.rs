//! Whether the director uses a VIP as the source of its own connections.

use std::net::IpAddr;

use crate::{
    Link, Preference,
    node::doctor::{
        balancing::{self, Balancing},
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

/// Whether packets leave through an IPv6 tunnel, whose source would be the VIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Tunnels {
    #[default]
    Unknown,
    FromTheVip,
}

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let from = |vip: IpAddr| {
        let mut tunnels = balancing.destinations().filter(|(_, status)| {
            let path = view.paths.get(&status.destination.id.address);
            let tunnel = balancing::decapsulation(status).is_some();
            tunnel && path.is_some_and(|path| path.source == Some(vip))
        });
        match tunnels.next() {
            Some(_) => Tunnels::FromTheVip,
            None => Tunnels::Unknown,
        }
    };
    let vips = balancing.vips().into_iter();
    vips.filter_map(|vip| of_vip(view, vip, from(vip)))
        .collect()
}

pub(super) fn of_vip(view: &HostView, vip: IpAddr, tunnels: Tunnels) -> Option<Finding> {
    if vip.is_ipv4() {
        return None;
    }
    // The kernel prefers an address of the device that packets leave by.
    let entry = view.carriers(vip).find(|status| {
        let asks = view.link_of(status).is_some_and(Link::resolves_neighbours);
        asks && status.address.preference == Preference::Source
    })?;
    let device = &entry.address.device;
    let kind = FindingKind::VipPreferredAsSource;
    let finding = match tunnels {
        Tunnels::FromTheVip => Finding::problem(
            kind,
            format!("tunnels use {vip} as their source, because it is not deprecated"),
            "Real servers have the VIP, too, and drop packets that come from an address of their own: \
             clients get no answer.",
        ),
        Tunnels::Unknown => Finding::warning(
            kind,
            format!(
                "{vip} on {device} is not deprecated: this host may use it as the source of its own \
                 connections"
            ),
            "Health checks that start from the VIP get no answer: the real server has the VIP, too, and \
             sends its replies to itself.",
        ),
    };
    Some(finding.fix(Remedy::DeprecateAddress(entry.address.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::view::tests::{address, link};

    #[test]
    fn an_ipv6_vip_on_the_clients_device_must_be_deprecated() {
        let vip = "fd00::100".parse().unwrap();
        let view = |device| HostView {
            links: vec![link(1, "lo"), link(2, "eth0")],
            addresses: vec![address("fd00::100/128", device)],
            ..HostView::default()
        };
        let finding = of_vip(&view("eth0"), vip, Tunnels::Unknown).unwrap();
        let on_eth0 = address("fd00::100/128", "eth0").address;
        assert_eq!(finding.remedies, [Remedy::DeprecateAddress(on_eth0)]);
        assert_eq!(of_vip(&view("lo"), vip, Tunnels::Unknown), None);
        let mut deprecated = view("eth0");
        for status in &mut deprecated.addresses {
            status.address.preference = Preference::Deprecated;
        }
        assert_eq!(of_vip(&deprecated, vip, Tunnels::FromTheVip), None);
    }
}
