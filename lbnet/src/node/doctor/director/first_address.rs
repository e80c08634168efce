//! Whether the director asks its real servers with an IPv4 VIP: they have it, too, and do not answer.

use std::{collections::BTreeMap, net::IpAddr};

use ipvs::Forwarding;

use super::source::{Tunnelled, chosen_again};
use crate::{
    Address, AddressScope, AddressStatus, ConfTarget, DeviceName, Director, IpPrefix, Ipv4Conf,
    PathTo, Rank, Reach, SetUp, Sysctl,
    model::mark,
    node::doctor::{
        balancing::{self, Balancing},
        finding::{Finding, FindingKind},
        remedy::{Open, Remedy},
        view::HostView,
        vip,
    },
};

/// The real servers behind one device that are asked with a VIP of theirs.
#[derive(Default)]
struct Asked {
    /// The real servers, or the gateways to them.
    neighbours: Vec<IpAddr>,
    tunnels: Vec<Tunnelled>,
}

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let mut asked: BTreeMap<(IpAddr, &DeviceName), Asked> = BTreeMap::new();
    for (service, status) in balancing.destinations() {
        let destination = status.destination;
        // A masqueraded real server does not have the VIP, and answers it.
        if destination.forwarding == Forwarding::Masquerade {
            continue;
        }
        let server = destination.id.address;
        let vip = balancing::vip(service.id).filter(IpAddr::is_ipv4);
        let path = view.paths.get(&server);
        // A real server that is this host is not asked.
        let path = path.filter(|path| path.reach == Reach::Remote);
        let (Some(vip), Some(path)) = (vip, path) else {
            continue;
        };
        let by_tunnel = balancing::decapsulation(status).is_some();
        let outer = by_tunnel && path.source == Some(vip);
        if !outer && by_arp(view, path, server) != Some(vip) {
            continue;
        }
        let here = asked.entry((vip, &path.device)).or_default();
        here.neighbours.push(path.gateway.unwrap_or(server));
        if outer {
            here.tunnels.push((service.id, destination));
        }
    }
    let findings = asked.into_iter();
    findings
        .filter_map(|((vip, device), asked)| finding(view, vip, device, &asked))
        .collect()
}

/// The source of ARP requests for a neighbour, when the packet that waits for the answer is a client's: the
/// first address of the device in the neighbour's network, else its first address
/// (`inet_select_addr`). What the route prefers does not count.
fn by_arp(view: &HostView, path: &PathTo, server: IpAddr) -> Option<IpAddr> {
    if path.gateway.is_some() {
        return None;
    }
    let first = || of_device(view, &path.device).filter(|it| is_candidate(it));
    let in_network = first().find(|it| it.address.prefix.contains(server));
    let entry = in_network.or_else(|| first().next())?;
    Some(entry.address.prefix.address())
}

fn is_candidate(entry: &AddressStatus) -> bool {
    let scope = matches!(
        entry.address.scope,
        AddressScope::Global | AddressScope::Link
    );
    scope && entry.rank == Rank::Primary
}

fn of_device<'a>(
    view: &'a HostView,
    device: &'a DeviceName,
) -> impl Iterator<Item = &'a AddressStatus> {
    let entries = view.addresses.iter();
    entries.filter(move |it| it.address.device == *device && it.address.prefix.address().is_ipv4())
}

fn finding(view: &HostView, vip: IpAddr, device: &DeviceName, asked: &Asked) -> Option<Finding> {
    let entry = of_device(view, device).find(|it| it.address.prefix.address() == vip)?;
    let neighbour = asked.neighbours.first()?;
    let finding = Finding::problem(
        FindingKind::VipPreferredAsSource,
        format!("this host asks its real servers on {device} with {vip} as the source"),
        "Real servers have the VIP, too, and do not answer: clients get no answer. The VIP is the first \
         address of its network on the device. With the prefix /32, it is not.",
    );
    let around = of_device(view, device).map(|it| it.address.prefix);
    let mut around = around.filter(|it| it.address() != vip && it.contains(*neighbour));
    let own = match around.next() {
        Some(_) => None,
        // Nothing but the VIP could be the source.
        None => Some(Remedy::Open(Open::AddAddress(device.clone()))),
    };
    let alone = entry.address.prefix == IpPrefix::host(vip);
    let moved = if alone {
        Vec::new()
    } else {
        shortened(view, entry)
    };
    let again = asked.tunnels.iter().copied().flat_map(chosen_again);
    // The kernel might delete an own address with the VIP, if it was added before.
    Some(finding.fix_all(moved).fix_all(own).fix_all(again))
}

/// Gives the VIP the prefix /32.
pub(super) fn shortened(view: &HostView, entry: &AddressStatus) -> Vec<Remedy> {
    let Address { prefix, device, .. } = &entry.address;
    let vip = prefix.address();
    let alone = IpPrefix::host(vip);
    let director = match view.recorded_director(vip) {
        Some(recorded) => Director {
            vip: alone,
            ..recorded.clone()
        },
        None => Director::new(alone, device.clone()),
    };
    let set_up = Remedy::SetUp(SetUp::Director(director));
    // It replaces what it added itself.
    if entry.origin == Some(mark::PROTOCOL) {
        return vec![set_up];
    }
    // Whoever moves the VIP between directors would not take away what this host has set up.
    if view.managers.move_vips() {
        return Vec::new();
    }
    let mut remedies = Vec::new();
    // The kernel would delete the later addresses of the network with the first one.
    if entry.has_followers(&view.addresses) && !view.promotes_secondaries(device) {
        let own = ConfTarget::Device(device.clone());
        let key = Sysctl::ipv4_conf(own, Ipv4Conf::PromoteSecondaries);
        remedies.push(Remedy::set(key, 1));
    }
    remedies.push(vip::delete(entry));
    remedies.push(set_up);
    remedies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        testing::{balancing, direct, masqueraded, remedies, way},
        view::tests::{address, link},
    };

    const SHORTENED: &str = "set up the director for 10.10.10.100/32 on eth0";

    /// A director with these addresses on eth0, the first of which is the source.
    fn view(addresses: &[(&str, Rank)]) -> HostView {
        let (server, mut path) = way("10.10.10.12", "eth0");
        let entries = addresses.iter().map(|(prefix, rank)| {
            let mut entry = address(prefix, "eth0");
            entry.rank = *rank;
            entry
        });
        let addresses: Vec<_> = entries.collect();
        path.source = addresses.first().map(|it| it.address.prefix.address());
        HostView {
            links: vec![link(2, "eth0")],
            addresses,
            paths: [(server, path)].into(),
            ..HostView::default()
        }
    }

    fn found(view: &HostView) -> Vec<String> {
        remedies(&check(view, &balancing(direct("10.10.10.12"))))
    }

    #[test]
    fn a_vip_behind_an_own_address_is_not_the_source() {
        let own = ("10.10.10.11/24", Rank::Primary);
        assert_eq!(
            found(&view(&[own, ("10.10.10.100/24", Rank::Secondary)])),
            [""; 0]
        );
        assert_eq!(
            found(&view(&[("10.10.10.100/32", Rank::Primary), own])),
            [""; 0]
        );
    }

    #[test]
    fn a_vip_that_is_the_first_address_gets_a_prefix_of_its_own() {
        let first = ("10.10.10.100/24", Rank::Primary);
        let mut view = view(&[first, ("10.10.10.11/24", Rank::Secondary)]);
        let commands = [
            "set net.ipv4.conf.eth0.promote_secondaries to 1",
            "delete 10.10.10.100/24 on eth0",
            SHORTENED,
        ];
        assert_eq!(found(&view), commands);
        for all in ["all", "eth0"] {
            let key = format!("net.ipv4.conf.{all}.promote_secondaries");
            view.settings.plant(&key, i64::from(all == "all"));
        }
        assert_eq!(found(&view), commands[1..]);
        for entry in &mut view.addresses {
            entry.origin = Some(mark::PROTOCOL);
        }
        assert_eq!(found(&view), [SHORTENED]);
        let masqueraded = balancing(masqueraded("10.10.10.12"));
        assert_eq!(check(&view, &masqueraded), []);
    }

    #[test]
    fn a_vip_that_is_alone_needs_an_address_of_the_host() {
        let own = "add an address of this host to eth0, with the prefix of its network";
        let mut alone = view(&[("10.10.10.100/32", Rank::Primary)]);
        assert_eq!(found(&alone), [own]);
        // What the route prefers is not what ARP uses.
        for path in alone.paths.values_mut() {
            path.source = "192.0.2.7".parse().ok();
        }
        assert_eq!(found(&alone), [own]);
    }
}
