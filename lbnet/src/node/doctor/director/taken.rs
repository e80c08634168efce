//! Whether another host has a VIP of this director, too.

use std::net::IpAddr;

use crate::{
    Holder, Link,
    node::doctor::{
        balancing::Balancing,
        finding::{Finding, FindingKind},
        view::{HostView, Question},
    },
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let asked = questions(view, &balancing.vips());
    let holders = view.answers.holders();
    let of_vip = holders.filter(|it| asked.contains(&(it.address, it.device.clone())));
    of_vip.map(finding).collect()
}

/// Who else has the VIPs that this host has as a director has them?
pub(super) fn questions(view: &HostView, vips: &[IpAddr]) -> Vec<Question> {
    let carriers = vips.iter().flat_map(|vip| view.carriers(*vip));
    let on_networks = carriers.filter(|entry| {
        let link = view.link_of(entry);
        link.is_some_and(Link::resolves_neighbours)
    });
    on_networks
        .map(|entry| (entry.address.prefix.address(), entry.address.device.clone()))
        .collect()
}

fn finding(holder: &Holder) -> Finding {
    let (vip, device, mac) = (holder.address, &holder.device, holder.mac);
    Finding::problem(
        FindingKind::VipTaken,
        format!("the host {mac} on {device} answers for {vip}, which this host has, too"),
        "Some clients and routers send their packets there instead of here. If it is another director, \
         only one of the two may have the virtual IP. If it is a real server, run ipvs-rs doctor there: \
         it must not answer for the virtual IP.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::view::tests::{address, link};

    #[test]
    fn the_network_is_asked_only_for_vips_that_neighbours_find_here() {
        let view = HostView {
            links: vec![link(1, "lo"), link(2, "eth0")],
            addresses: vec![
                address("10.10.10.100/24", "eth0"),
                address("10.10.10.101/32", "lo"),
            ],
            ..HostView::default()
        };
        let vips = ["10.10.10.100", "10.10.10.101", "10.10.10.102"].map(|it| it.parse().unwrap());
        assert_eq!(
            questions(&view, &vips),
            [("10.10.10.100".parse().unwrap(), "eth0".parse().unwrap())]
        );
    }
}
