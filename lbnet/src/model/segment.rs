//! Which devices of a host are in one network segment.

use std::iter;

use crate::{AddressStatus, Link, LowerDevice};

/// Returns the other devices that receive what is broadcast to this one, such as ARP requests for a
/// VIP. The kernel answers these on every device, for all addresses of the host.
///
/// They have an address of the same IPv4 network, or share a lower device: a macvlan, its parent and
/// its siblings. Ports of a bridge or a bond are not among them: the master receives in their place.
pub(crate) fn beside<'a>(
    device: &Link,
    links: &'a [Link],
    addresses: &[AddressStatus],
) -> impl Iterator<Item = &'a Link> {
    links.iter().filter(move |it| {
        it.index != device.index
            && it.receives_requests()
            && (wire(it, links) == wire(device, links) || in_one_network(it, device, addresses))
    })
}

/// Returns the lowest of the devices that receive the same broadcasts, by its number.
fn wire(link: &Link, links: &[Link]) -> LowerDevice {
    let lower = |link: &&Link| match link.lower {
        Some(LowerDevice::Here { index }) if link.shares_broadcasts() => {
            links.iter().find(|it| it.index == index)
        }
        _ => None,
    };
    // The kernel builds no circles, but the devices may have changed while they were read.
    let lowest = iter::successors(Some(link), lower).take(links.len()).last();
    let lowest = lowest.unwrap_or(link);
    match lowest.lower {
        Some(elsewhere @ LowerDevice::Elsewhere { .. }) if lowest.shares_broadcasts() => elsewhere,
        _ => LowerDevice::Here {
            index: lowest.index,
        },
    }
}

fn in_one_network(one: &Link, other: &Link, addresses: &[AddressStatus]) -> bool {
    let prefixes = |link: &Link| {
        let name = link.name.clone();
        let own = addresses.iter().filter(move |it| it.address.device == name);
        let own = own.map(|it| it.address.prefix);
        own.filter(|it| it.address().is_ipv4())
    };
    prefixes(one).any(|own| {
        prefixes(other).any(|its| own.contains(its.address()) && its.contains(own.address()))
    })
}
