//! Whether connections of the director itself start from a VIP.

use std::net::IpAddr;

use crate::{
    Link, Preference,
    node::doctor::{Balancing, Finding, FindingKind, view::HostView},
};

/// Whether packets leave by tunnels of IPv6, whose source would be the VIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Tunnels {
    #[default]
    Unknown,
    FromTheVip,
}

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let from = |vip: IpAddr| {
        let mut tunnels = balancing.servers().filter(|(_, server)| {
            let path = view.paths.get(&server.address);
            server.encapsulation().is_some() && path.is_some_and(|path| path.source == Some(vip))
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
    // An address of the device that packets leave by goes before all others.
    let entry = view.carriers(vip).find(|status| {
        let asks = view.link_of(status).is_some_and(Link::is_asking);
        asks && status.address.preference == Preference::Source
    })?;
    let (prefix, device) = (entry.address.prefix, &entry.address.device);
    let kind = FindingKind::VipPreferredAsSource;
    let finding = match tunnels {
        Tunnels::FromTheVip => Finding::problem(
            kind,
            format!("packets in tunnels leave with the source {vip}, which is not deprecated"),
            "Real servers have the VIP too, and drop packets that come from an address of their \
             own: clients get no answer.",
        ),
        Tunnels::Unknown => Finding::warning(
            kind,
            format!("{vip} on {device} is not deprecated: this host may choose it as source"),
            "Health checks and others that ask a real server from the VIP get no answer: the real \
             server has it too, and answers itself.",
        ),
    };
    // `ip address change` asks for the lifetimes anew.
    Some(finding.mend(format!(
        "ip address change {prefix} dev {device} valid_lft forever preferred_lft 0"
    )))
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
        let change = "ip address change fd00::100/128 dev eth0 valid_lft forever preferred_lft 0";
        assert_eq!(finding.remedies, [change]);
        assert_eq!(of_vip(&view("lo"), vip, Tunnels::Unknown), None);
        let mut deprecated = view("eth0");
        for status in &mut deprecated.addresses {
            status.address.preference = Preference::Deprecated;
        }
        assert_eq!(of_vip(&deprecated, vip, Tunnels::FromTheVip), None);
    }
}
