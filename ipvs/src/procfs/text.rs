//! The words in the kernel's files. They are separated by blanks, and most numbers are hexadecimal.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{Endpoint, Protocol};

/// Splits the first word off.
pub(crate) fn word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let line = rest.trim_start();
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    let (word, after) = line.split_at_checked(end)?;
    *rest = after;
    (!word.is_empty()).then_some(word)
}

/// Parses the kernel's name of a protocol. A protocol without a name is printed by number: `IP_51`.
pub(crate) fn protocol(name: &str) -> Option<Protocol> {
    Some(match name {
        "IP" => Protocol::from(0),
        "ICMP" => Protocol::from(1),
        "ICMPv6" => Protocol::from(58),
        name => name.parse().ok()?,
    })
}

/// Parses an address. IPv4 has eight hexadecimal digits; IPv6 has colons.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    }
    hexadecimal(text)
        .filter(|_| text.len() == 8)
        .map(|number| Ipv4Addr::from(number).into())
}

pub(crate) fn endpoint(address_text: &str, port: &str) -> Option<Endpoint> {
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(Endpoint::new(address(address_text)?, port))
}

pub(crate) fn hexadecimal(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 16).ok()
}
