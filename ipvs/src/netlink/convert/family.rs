use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use netlink_packet_core::DecodeError;

use crate::Family;

const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;

pub(crate) fn to_number(family: Family) -> u16 {
    match family {
        Family::Ipv4 => AF_INET,
        Family::Ipv6 => AF_INET6,
    }
}

pub(crate) fn from_number(number: u16) -> Result<Family, DecodeError> {
    match number {
        AF_INET => Ok(Family::Ipv4),
        AF_INET6 => Ok(Family::Ipv6),
        other => Err(format!("address family {other} is neither IPv4 (2) nor IPv6 (10)").into()),
    }
}

/// Encodes an address in sixteen bytes. An IPv4 address uses the first four.
pub(crate) fn to_bytes(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        }
        IpAddr::V6(v6) => v6.octets(),
    }
}

/// Decodes an address. The family decides, because an IPv4 address has sixteen bytes too.
pub(crate) fn from_bytes(family: Family, bytes: [u8; 16]) -> IpAddr {
    match family {
        Family::Ipv4 => {
            let [a, b, c, d, ..] = bytes;
            Ipv4Addr::new(a, b, c, d).into()
        }
        Family::Ipv6 => Ipv6Addr::from(bytes).into(),
    }
}
