//! An address with a prefix length.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// An address with its prefix length, such as `10.10.10.100/24`.
///
/// The host bits are kept: the value denotes a host in its network, not the network. Text without a
/// length denotes a single host (`/32` or `/128`), as in `ip address add`.
///
/// # Errors
/// Parsing and [`IpPrefix::new`] return [`Invalid::Prefix`] if the text or length is invalid.
///
/// # Examples
/// ```
/// use lbnet::IpPrefix;
///
/// let vip: IpPrefix = "192.0.2.100/24".parse()?;
/// assert!(vip.contains("192.0.2.1".parse()?));
/// assert_eq!("192.0.2.100".parse::<IpPrefix>()?.to_string(), "192.0.2.100/32");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpPrefix {
    address: IpAddr,
    length: u8,
}

impl IpPrefix {
    /// Creates an address with the given prefix length.
    ///
    /// # Errors
    /// - [`Invalid::Prefix`]: the length exceeds 32 bits for IPv4 or 128 bits for IPv6.
    pub fn new(address: IpAddr, length: u8) -> Result<Self, Invalid> {
        if length <= longest(address) {
            Ok(Self { address, length })
        } else {
            Err(Invalid::Prefix {
                text: format!("{address}/{length}"),
                reason: "the prefix is longer than the address",
            })
        }
    }

    /// Creates a single-host prefix: `/32` or `/128`.
    pub fn host(address: IpAddr) -> Self {
        Self {
            address,
            length: longest(address),
        }
    }

    /// Returns the address, with its host bits.
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// Returns the prefix length: the number of leading bits that denote the network.
    pub fn length(self) -> u8 {
        self.length
    }

    /// Returns the network: the same prefix without host bits.
    ///
    /// # Examples
    /// ```
    /// let vip: lbnet::IpPrefix = "192.0.2.100/24".parse()?;
    /// assert_eq!(vip.network().to_string(), "192.0.2.0/24");
    /// # Ok::<(), lbnet::Invalid>(())
    /// ```
    #[must_use]
    pub fn network(self) -> Self {
        let address = match self.address {
            IpAddr::V4(own) => IpAddr::from((self.mask_v4() & own.to_bits()).to_be_bytes()),
            IpAddr::V6(own) => IpAddr::from((self.mask_v6() & own.to_bits()).to_be_bytes()),
        };
        Self { address, ..self }
    }

    /// Returns whether `other` is in the same network.
    pub fn contains(self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                self.mask_v4() & own.to_bits() == self.mask_v4() & other.to_bits()
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = self.mask_v6();
                mask & own.to_bits() == mask & other.to_bits()
            }
            _ => false,
        }
    }

    /// Returns addresses of the network that a host can have, the smallest first.
    pub(crate) fn hosts(self) -> impl Iterator<Item = IpAddr> {
        let length = self.length;
        let prefix = move |address| Self { address, length };
        let network = self.network().address;
        let all = (0..=MANY_HOSTS).map(move |number| match network {
            IpAddr::V4(base) => IpAddr::from(base.to_bits().wrapping_add(number).to_be_bytes()),
            IpAddr::V6(base) => {
                IpAddr::from(base.to_bits().wrapping_add(number.into()).to_be_bytes())
            }
        });
        // In IPv6, the first address of a network is every router's.
        let first = usize::from(network.is_ipv6());
        all.skip(first)
            .filter(move |it| self.contains(*it) && !prefix(*it).is_reserved_in_network())
    }

    /// Returns whether the address is the network address or the broadcast address of its network.
    pub(crate) fn is_reserved_in_network(self) -> bool {
        match self.address {
            // Networks of one or two hosts have no such addresses (RFC 3021).
            IpAddr::V4(own) if self.length < 31 => {
                let host_bits = own.to_bits() & !self.mask_v4();
                host_bits == 0 || host_bits == !self.mask_v4()
            }
            _ => false,
        }
    }

    fn mask_v4(self) -> u32 {
        u32::MAX
            .checked_shl(32 - u32::from(self.length))
            .unwrap_or(0)
    }

    fn mask_v6(self) -> u128 {
        u128::MAX
            .checked_shl(128 - u32::from(self.length))
            .unwrap_or(0)
    }
}

/// Nobody needs more addresses of one network.
const MANY_HOSTS: u32 = 1024;

fn longest(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl FromStr for IpPrefix {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = |reason| Invalid::Prefix {
            text: text.to_owned(),
            reason,
        };
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| invalid("not an IP address"))?;
        match length {
            // `u8::from_str` accepts a leading plus sign; other tools do not.
            Some(length) if length.starts_with('+') => Err(invalid("not a prefix length")),
            Some(length) => {
                let length = length.parse().map_err(|_| invalid("not a prefix length"))?;
                Self::new(address, length)
            }
            None => Ok(Self::host(address)),
        }
    }
}

impl TryFrom<String> for IpPrefix {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<IpPrefix> for String {
    fn from(prefix: IpPrefix) -> Self {
        prefix.to_string()
    }
}

impl fmt::Display for IpPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> IpPrefix {
        text.parse().unwrap()
    }

    #[test]
    fn text_comes_back_as_it_was() {
        for text in [
            "10.10.10.100/24",
            "0.0.0.0/0",
            "10.0.0.1/32",
            "2001:db8::1/64",
            "::1/128",
        ] {
            assert_eq!(prefix(text).to_string(), text);
        }
    }

    #[test]
    fn without_a_length_it_is_a_host_alone() {
        assert_eq!(prefix("10.10.10.100").length(), 32);
        assert_eq!(prefix("2001:db8::1").length(), 128);
    }

    #[test]
    fn what_is_no_prefix_is_refused_with_its_reason() {
        for (text, reason) in [
            ("10.10.10/24", "not an IP address"),
            ("10.10.10.100/", "not a prefix length"),
            ("10.10.10.100/+24", "not a prefix length"),
            ("10.10.10.100/24/1", "not a prefix length"),
            ("10.10.10.100/33", "longer than the address"),
            ("2001:db8::1/129", "longer than the address"),
        ] {
            let error = text.parse::<IpPrefix>().unwrap_err().to_string();
            assert!(error.contains(text) && error.contains(reason), "{error}");
        }
    }

    #[test]
    fn neighbours_are_those_in_the_same_network() {
        let vip = prefix("10.10.10.100/24");
        assert!(vip.contains("10.10.10.1".parse().unwrap()));
        assert!(!vip.contains("10.10.11.1".parse().unwrap()));
        assert!(!vip.contains("2001:db8::1".parse().unwrap()));
        assert!(prefix("10.0.0.1/0").contains("192.0.2.1".parse().unwrap()));
        assert!(prefix("2001:db8::1/64").contains("2001:db8::2".parse().unwrap()));
        assert!(!prefix("2001:db8::1/128").contains("2001:db8::2".parse().unwrap()));
    }

    #[test]
    fn a_network_has_no_host_bits() {
        for (host, network) in [
            ("10.10.10.100/24", "10.10.10.0/24"),
            ("10.10.10.100/0", "0.0.0.0/0"),
            ("2001:db8::1/64", "2001:db8::/64"),
            ("2001:db8::1/128", "2001:db8::1/128"),
        ] {
            assert_eq!(prefix(host).network(), prefix(network));
        }
    }

    #[test]
    fn a_host_has_neither_the_address_of_the_network_nor_that_of_all_hosts() {
        for (network, hosts) in [
            ("10.10.10.9/30", &["10.10.10.9", "10.10.10.10"][..]),
            ("10.10.10.9/31", &["10.10.10.8", "10.10.10.9"]),
            ("10.10.10.9/32", &["10.10.10.9"]),
            ("fd00::9/127", &["fd00::9"]),
        ] {
            let all: Vec<_> = prefix(network).hosts().map(|it| it.to_string()).collect();
            assert_eq!(all, hosts);
        }
        let first = prefix("fd00::100/64").hosts().next();
        assert_eq!(first, "fd00::1".parse().ok());
    }

    #[test]
    fn network_and_broadcast_addresses_are_reserved() {
        assert!(prefix("10.10.10.0/24").is_reserved_in_network());
        assert!(prefix("10.10.10.255/24").is_reserved_in_network());
        assert!(!prefix("10.10.10.100/24").is_reserved_in_network());
        assert!(!prefix("10.10.10.0/32").is_reserved_in_network());
        assert!(!prefix("10.10.10.0/31").is_reserved_in_network());
    }
}
