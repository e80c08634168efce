use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::str::FromStr;

use crate::ParseError;
use crate::model::number::unsigned;

/// A transport protocol that IPVS balances.
///
/// [`Display`](fmt::Display) writes the name in capitals, as listings show it. [`FromStr`] accepts any
/// case. Two protocols are equal if their numbers are.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
    /// Any other protocol number. The kernel stores such a service but never schedules it, so this
    /// library refuses to add one.
    Other(u16),
}

impl Protocol {
    /// Returns the protocol number of the IP header.
    pub fn number(self) -> u16 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Sctp => 132,
            Self::Other(number) => number,
        }
    }
}

impl PartialEq for Protocol {
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
    }
}

impl Eq for Protocol {}

impl PartialOrd for Protocol {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Protocol {
    fn cmp(&self, other: &Self) -> Ordering {
        self.number().cmp(&other.number())
    }
}

impl Hash for Protocol {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number().hash(state);
    }
}

impl From<u16> for Protocol {
    fn from(number: u16) -> Self {
        match number {
            6 => Self::Tcp,
            17 => Self::Udp,
            132 => Self::Sctp,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::from(self.number()) {
            Self::Tcp => f.pad("TCP"),
            Self::Udp => f.pad("UDP"),
            Self::Sctp => f.pad("SCTP"),
            Self::Other(number) => f.pad(&format!("IP_{number}")),
        }
    }
}

impl FromStr for Protocol {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "tcp" => Ok(Self::Tcp),
            "udp" => Ok(Self::Udp),
            "sctp" => Ok(Self::Sctp),
            other => other
                .strip_prefix("ip_")
                .and_then(unsigned::<u16>)
                .map(Self::from)
                .ok_or_else(|| ParseError::Protocol(text.to_owned())),
        }
    }
}

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() {
            Self::Ipv4
        } else {
            Self::Ipv6
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_protocol_is_its_number_whatever_it_is_called() {
        let twice: HashSet<_> = [Protocol::Tcp, Protocol::Other(6)].into();
        assert_eq!(twice.len(), 1);
        let several: HashSet<_> = [Protocol::Tcp, Protocol::Udp, Protocol::Other(47)].into();
        assert_eq!(several.len(), 3);
        let numbers = several.into_iter().map(|protocol| {
            use std::hash::{DefaultHasher, Hasher as _};
            let mut hasher = DefaultHasher::new();
            protocol.hash(&mut hasher);
            hasher.finish()
        });
        assert_eq!(numbers.collect::<HashSet<_>>().len(), 3);
        assert!(Protocol::Other(5) < Protocol::Tcp);
        assert!(Protocol::Sctp > Protocol::Udp);
    }
}
