//! Conversion between addresses and netlink messages.

use crate::{
    Address, AddressScope, AddressStatus, DeviceName, DuplicateDetection, DuplicateState, IpPrefix,
    Lifetime, Preference, Rank, model::mark,
};
use rtnetlink::{
    AddressMessageBuilder,
    packet_route::address::{
        AddressAttribute, AddressFlags, AddressMessage, AddressProtocol,
        AddressScope as KernelScope, CacheInfo,
    },
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

/// The kernel's value for a lifetime without end.
const FOREVER: u32 = u32::MAX;

/// Builds a message that identifies an address by family, device, address and prefix length.
pub(super) fn key(address: &Address, index: u32) -> AddressMessage {
    let length = address.prefix.length();
    match address.prefix.address() {
        IpAddr::V4(ip) => AddressMessageBuilder::<Ipv4Addr>::new()
            .index(index)
            .address(ip, length)
            .build(),
        IpAddr::V6(ip) => AddressMessageBuilder::<Ipv6Addr>::new()
            .index(index)
            .address(ip, length)
            .build(),
    }
}

/// Builds a message that adds an address with all its properties.
pub(super) fn new(address: &Address, index: u32) -> AddressMessage {
    let mut message = key(address, index);
    message.header.scope = kernel_scope(address.scope);
    message
        .attributes
        .push(AddressAttribute::Protocol(AddressProtocol::Other(
            mark::PROTOCOL,
        )));
    if let Some(label) = &address.label {
        message
            .attributes
            .push(AddressAttribute::Label(label.clone()));
    }
    let skips_detection = address.duplicate_detection == DuplicateDetection::Skipped;
    if address.prefix.address().is_ipv6() && skips_detection {
        message
            .attributes
            .push(AddressAttribute::Flags(AddressFlags::Nodad));
    }
    let valid = seconds(address.lifetime);
    let preferred = match address.preference {
        Preference::Source => valid,
        Preference::Deprecated => 0,
    };
    if (preferred, valid) != (FOREVER, FOREVER) {
        let mut lifetimes = CacheInfo::default();
        lifetimes.ifa_preferred = preferred;
        lifetimes.ifa_valid = valid;
        message
            .attributes
            .push(AddressAttribute::CacheInfo(lifetimes));
    }
    message
}

/// Changes whether the kernel may choose an address as source, in a message that the kernel sent. All
/// other parts of the message stay as they are.
pub(super) fn prefer(message: &mut AddressMessage, preference: Preference) {
    let mut lifetimes = CacheInfo::default();
    lifetimes.ifa_valid = FOREVER;
    message.attributes.retain(|attribute| match attribute {
        AddressAttribute::CacheInfo(there) => {
            lifetimes = *there;
            false
        }
        _ => true,
    });
    lifetimes.ifa_preferred = match preference {
        Preference::Source => lifetimes.ifa_valid,
        Preference::Deprecated => 0,
    };
    message
        .attributes
        .push(AddressAttribute::CacheInfo(lifetimes));
}

/// Converts a lifetime to the kernel's seconds. The kernel refuses a lifetime of 0.
fn seconds(lifetime: Lifetime) -> u32 {
    match lifetime {
        Lifetime::Forever => FOREVER,
        Lifetime::For(time) => {
            let begun = u64::from(time.subsec_nanos() > 0);
            u32::try_from(time.as_secs().saturating_add(begun)).unwrap_or(FOREVER)
        }
    }
}

/// Parses an address. Returns `None` if the message lacks a required part.
pub(super) fn parse(message: AddressMessage, device: DeviceName) -> Option<AddressStatus> {
    let scope = scope_of(message.header.scope);
    let mut flags = AddressFlags::empty();
    let (mut local, mut remote, mut label, mut origin) = (None, None, None, None);
    let mut lifetime = Lifetime::Forever;
    for attribute in message.attributes {
        match attribute {
            AddressAttribute::Local(ip) => local = Some(ip),
            AddressAttribute::Address(ip) => remote = Some(ip),
            AddressAttribute::Label(text) => label = Some(text),
            AddressAttribute::Flags(value) => flags = value,
            AddressAttribute::Protocol(value) => origin = Some(u8::from(value)),
            AddressAttribute::CacheInfo(times) if times.ifa_valid != FOREVER => {
                lifetime = Lifetime::For(Duration::from_secs(times.ifa_valid.into()));
            }
            _ => {}
        }
    }
    // If IFA_LOCAL is present too, IFA_ADDRESS is the peer of a point-to-point link.
    let prefix = IpPrefix::new(local.or(remote)?, message.header.prefix_len).ok()?;
    let is_detected = prefix.address().is_ipv6() && !flags.contains(AddressFlags::Nodad);
    let preference = if flags.contains(AddressFlags::Deprecated) {
        Preference::Deprecated
    } else {
        Preference::Source
    };
    Some(AddressStatus {
        address: Address {
            prefix,
            device,
            label,
            scope,
            preference,
            lifetime,
            duplicate_detection: if is_detected {
                DuplicateDetection::Performed
            } else {
                DuplicateDetection::Skipped
            },
        },
        rank: if flags.contains(AddressFlags::Secondary) {
            Rank::Secondary
        } else {
            Rank::Primary
        },
        origin,
        duplicate: if flags.contains(AddressFlags::Dadfailed) {
            DuplicateState::Found
        } else if flags.contains(AddressFlags::Tentative)
            && !flags.contains(AddressFlags::Optimistic)
        {
            DuplicateState::Checking
        } else {
            DuplicateState::NoneKnown
        },
    })
}

fn kernel_scope(scope: AddressScope) -> KernelScope {
    match scope {
        AddressScope::Global => KernelScope::Universe,
        AddressScope::Link => KernelScope::Link,
        AddressScope::Host => KernelScope::Host,
        AddressScope::Other(number) => KernelScope::from(number),
    }
}

fn scope_of(scope: KernelScope) -> AddressScope {
    match scope {
        KernelScope::Universe => AddressScope::Global,
        KernelScope::Link => AddressScope::Link,
        KernelScope::Host => AddressScope::Host,
        other => AddressScope::Other(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vip(prefix: &str, device: &str) -> Address {
        Address::new(prefix.parse().unwrap(), device.parse().unwrap())
    }

    #[test]
    fn what_is_asked_for_is_read_back_the_same() {
        for address in [
            vip("10.10.10.100/24", "eth0").label("eth0:0"),
            vip("10.10.10.100/32", "lo").scope(AddressScope::Host),
            vip("2001:db8::100/128", "lo"),
            vip("2001:db8::100/128", "eth0").duplicate_detection(DuplicateDetection::Performed),
            vip("10.10.10.100/24", "eth0").lifetime(Lifetime::For(Duration::from_secs(60))),
        ] {
            let status = parse(new(&address, 7), address.device.clone()).unwrap();
            assert_eq!(status.address, address);
            assert_eq!(status.origin, Some(mark::PROTOCOL));
        }
    }

    #[test]
    fn a_lifetime_is_in_whole_seconds_and_never_too_short() {
        let of = |time| seconds(Lifetime::For(time));
        assert_eq!(of(Duration::from_millis(1500)), 2);
        assert_eq!(of(Duration::MAX), FOREVER);
        assert_eq!(seconds(Lifetime::Forever), FOREVER);
    }

    #[test]
    fn an_address_of_a_point_to_point_link_is_the_near_end() {
        let mut message = key(&vip("10.0.0.1/32", "ppp0"), 3);
        message.attributes = vec![
            AddressAttribute::Address("10.0.0.2".parse().unwrap()),
            AddressAttribute::Local("10.0.0.1".parse().unwrap()),
        ];
        let status = parse(message, "ppp0".parse().unwrap()).unwrap();
        assert_eq!(status.address.prefix.to_string(), "10.0.0.1/32");
    }
}
