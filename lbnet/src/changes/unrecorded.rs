//! What has the mark of this crate although no journal knows it: a container was made anew in the same
//! network namespace, or `/run` was lost.

use std::net::IpAddr;

use crate::{
    Address, AddressScope, DeviceName, Error, Host, HostRouteKind, Link, LinkKind, NewLink,
    Preference, Role, SetUpId,
    changes::journal::{Change, Noted},
    model::mark,
};

/// Returns the changes that were made for a VIP. Settings have no mark: they stay as they are.
pub(super) async fn of(host: &Host, noted: &Noted, set_up: &SetUpId) -> Result<Vec<Change>, Error> {
    let marked = Marked::on(host, noted).await?;
    // It may have been given an alternative name.
    let device = host.current_name(&set_up.device).await?;
    let is_of_this = |change: &Change| {
        vip_of(change) == Some(set_up.vip)
            && is_as_of(change, set_up.role)
            && marked.is_where(change, &device)
    };
    let (mut changes, others): (Vec<_>, Vec<_>) =
        marked.carriers.iter().cloned().partition(is_of_this);
    if changes.is_empty() {
        return Ok(changes);
    }
    let holds = |link: &&Link| {
        let held =
            |change: &Change| matches!(change, Change::Address(it) if it.device == link.name);
        changes.iter().any(held)
    };
    // Tunnel devices serve all VIPs of a host.
    let serves = |link: &&Link| {
        let is_tunnel = matches!(link.kind, Some(LinkKind::Tunnel(_)));
        is_tunnel && set_up.role == Role::RealServer && others.is_empty()
    };
    let links = marked
        .links
        .iter()
        .filter(|link| holds(link) || serves(link));
    let links: Vec<_> = links.filter_map(new_link).map(Change::Link).collect();
    // What was made last is undone first.
    changes.splice(0..0, links);
    Ok(changes)
}

/// Marked objects that no journal knows.
struct Marked {
    /// Addresses and routes.
    carriers: Vec<Change>,
    links: Vec<Link>,
}

impl Marked {
    /// Returns whether a set-up for a device would have this address: there, on `lo`, or on a device of
    /// this crate.
    fn is_where(&self, change: &Change, device: &DeviceName) -> bool {
        let Change::Address(Address { device: of, .. }) = change else {
            return true;
        };
        let is_ours = || self.links.iter().any(|link| link.name == *of);
        of == device || *of == DeviceName::loopback() || is_ours()
    }

    async fn on(host: &Host, noted: &Noted) -> Result<Self, Error> {
        let addresses = host.addresses().await?.into_iter();
        let addresses = addresses.filter(|it| it.origin == Some(mark::PROTOCOL));
        let routes = host.host_routes().await?.into_iter();
        let routes = routes.filter(|it| it.protocol == mark::PROTOCOL);
        let mut carriers: Vec<_> = addresses
            .map(|it| Change::Address(it.address))
            .chain(routes.map(|it| Change::Route(it.route)))
            .collect();
        let is_known = |change: &Change| {
            let target = change.target();
            noted.entries.iter().any(|it| it.change.is_about(&target))
        };
        carriers.retain(|change| !is_known(change));
        let mut links = host.links().await?;
        links.retain(|link| {
            let new = new_link(link).map(Change::Link);
            link.is_marked() && new.is_some_and(|change| !is_known(&change))
        });
        Ok(Self { carriers, links })
    }
}

/// Returns whether a change is one that a role makes. A host may be the director and a real server of a
/// VIP, one after the other.
fn is_as_of(change: &Change, role: Role) -> bool {
    let by = match change {
        // IPv6 has no scopes. A director's VIP is deprecated there.
        Change::Address(address) if address.prefix.address().is_ipv6() => {
            match address.preference {
                Preference::Source => Role::RealServer,
                Preference::Deprecated => Role::Director,
            }
        }
        Change::Address(address) if address.scope == AddressScope::Host => Role::RealServer,
        Change::Route(route) if route.kind == HostRouteKind::Unicast => Role::RealServer,
        Change::Address(_) | Change::Route(_) => Role::Director,
        Change::Link(_) | Change::Listener(_) | Change::Sysctl(_) => return true,
    };
    by == role
}

fn vip_of(change: &Change) -> Option<IpAddr> {
    match change {
        Change::Address(address) => Some(address.prefix.address()),
        Change::Route(route) => Some(route.destination),
        Change::Link(_) | Change::Listener(_) | Change::Sysctl(_) => None,
    }
}

fn new_link(link: &Link) -> Option<NewLink> {
    match link.kind {
        Some(LinkKind::Dummy) => Some(NewLink::dummy(link.name.clone())),
        Some(LinkKind::Tunnel(tunnel)) => Some(NewLink::tunnel(link.name.clone(), tunnel)),
        _ => None,
    }
}
