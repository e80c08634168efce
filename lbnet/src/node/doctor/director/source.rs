//! Whether the director uses a VIP as the source of its own connections.

use std::{collections::BTreeSet, net::IpAddr};

use ipvs::{Change, Destination, Forwarding, ServiceId};

use crate::{
    Link, Preference,
    node::doctor::{
        balancing::{self, Balancing},
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

/// A destination behind a tunnel, with its service.
pub(super) type Tunnelled = (ServiceId, Destination);

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let from = |vip: IpAddr| {
        let tunnels = balancing.destinations().filter(|(_, status)| {
            let path = view.paths.get(&status.destination.id.address);
            let tunnel = balancing::decapsulation(status).is_some();
            tunnel && path.is_some_and(|path| path.source == Some(vip))
        });
        let tunnels = tunnels.map(|(service, status)| (service.id, status.destination));
        tunnels.collect::<Vec<_>>()
    };
    let vips: BTreeSet<_> = balancing
        .destinations()
        // Masqueraded real servers do not have the VIP, and answer it.
        .filter(|(_, status)| status.destination.forwarding != Forwarding::Masquerade)
        .filter_map(|(service, _)| balancing::vip(service.id))
        .filter(IpAddr::is_ipv6)
        .collect();
    let vips = vips.into_iter();
    vips.filter_map(|vip| of_vip(view, vip, &from(vip)))
        .collect()
}

/// `tunnels` are the destinations whose tunnels use the VIP as their source, as far as that is known.
pub(super) fn of_vip(view: &HostView, vip: IpAddr, tunnels: &[Tunnelled]) -> Option<Finding> {
    if vip.is_ipv4() {
        return None;
    }
    // The kernel prefers an address of the device that packets leave by.
    let entry = view.carriers(vip).find(|status| {
        let asks = view.link_of(status).is_some_and(Link::resolves_neighbours);
        asks && status.address.preference == Preference::Source
    })?;
    // The kernel uses a deprecated address all the same if there is no other.
    if tunnels.is_empty() && !has_another(view, vip) {
        return None;
    }
    let device = &entry.address.device;
    let kind = FindingKind::VipPreferredAsSource;
    let finding = if tunnels.is_empty() {
        Finding::warning(
            kind,
            format!(
                "{vip} on {device} is not deprecated: this host may use it as the source of its own \
                 connections"
            ),
            "Health checks that start from the VIP get no answer: the real server has the VIP, too, and \
             sends its replies to itself.",
        )
    } else {
        Finding::problem(
            kind,
            format!("tunnels use {vip} as their source, because it is not deprecated"),
            "Real servers have the VIP, too, and drop packets that come from an address of their own: \
             clients get no answer. IPVS keeps the source that it has chosen until a destination changes: \
             change the weights, and change them back.",
        )
    };
    let finding = finding.fix(Remedy::DeprecateAddress(entry.address.clone()));
    Some(finding.fix_all(tunnels.iter().copied().flat_map(chosen_again)))
}

/// Changes the weight of a destination and changes it back: IPVS looks for the source once more.
pub(super) fn chosen_again((service, destination): Tunnelled) -> Vec<Remedy> {
    let between = match destination.weight {
        // It must not get new connections for a moment.
        0 => return Vec::new(),
        1 => destination.weight(2),
        weight => destination.weight(weight - 1),
    };
    let change = |from, to| Remedy::Change(Change::UpdateDestination { service, from, to });
    vec![change(destination, between), change(between, destination)]
}

fn has_another(view: &HostView, vip: IpAddr) -> bool {
    let mut others = view.addresses.iter().map(|it| it.address.prefix.address());
    others.any(|other| match other {
        IpAddr::V6(address) => {
            other != vip && !address.is_loopback() && !address.is_unicast_link_local()
        }
        IpAddr::V4(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        testing::{direct, service},
        view::tests::{address, link},
    };

    #[test]
    fn an_ipv6_vip_on_the_clients_device_must_be_deprecated() {
        let vip = "fd00::100".parse().unwrap();
        let view = |device| HostView {
            links: vec![link(1, "lo"), link(2, "eth0")],
            addresses: vec![
                address("fd00::100/128", device),
                address("fd00::11/64", "eth0"),
            ],
            ..HostView::default()
        };
        let finding = of_vip(&view("eth0"), vip, &[]).unwrap();
        let on_eth0 = address("fd00::100/128", "eth0").address;
        assert_eq!(finding.remedies, [Remedy::DeprecateAddress(on_eth0)]);
        assert_eq!(of_vip(&view("lo"), vip, &[]), None);
        let tunnel = (service().id, direct("fd00::12"));
        let mut alone = view("eth0");
        alone.addresses.pop();
        assert_eq!(of_vip(&alone, vip, &[]), None);
        let mut deprecated = view("eth0");
        for status in &mut deprecated.addresses {
            status.address.preference = Preference::Deprecated;
        }
        assert_eq!(of_vip(&deprecated, vip, &[tunnel]), None);
    }

    #[test]
    fn a_weight_is_changed_for_a_moment_and_never_from_or_to_0() {
        for (weight, between) in [(1, 2), (2, 1), (100, 99)] {
            let (id, from) = (service().id, direct("fd00::12").weight(weight));
            let to = from.weight(between);
            let change = |from, to| {
                Remedy::Change(Change::UpdateDestination {
                    service: id,
                    from,
                    to,
                })
            };
            let both = [change(from, to), change(to, from)];
            assert_eq!(chosen_again((id, from)), both);
        }
        let drained = direct("fd00::12").weight(0);
        assert_eq!(chosen_again((service().id, drained)), []);
    }
}
