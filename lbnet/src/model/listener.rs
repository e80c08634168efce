//! UDP ports on which packets in packets are taken apart, as values.

use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr, num::NonZeroU16};

/// A UDP port on which the kernel takes packets out of GUE (generic UDP encapsulation).
///
/// What comes out is an IPIP packet as any other, for which there must be a tunnel device too.
///
/// # Examples
/// ```
/// use lbnet::{GueListener, OuterFamily};
///
/// let listener = GueListener::new("6080".parse()?, OuterFamily::Ipv4);
/// assert_eq!(listener.to_string(), "the GUE listener on UDP port 6080 of IPv4");
/// # Ok::<(), std::num::ParseIntError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GueListener {
    /// The port.
    pub port: NonZeroU16,
    /// By what the packets come.
    pub family: OuterFamily,
}

/// The family of the packets on the wire, whatever is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OuterFamily {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

/// A port on which the kernel takes packets apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListenerStatus {
    /// The port.
    pub port: u16,
    /// By what the packets come.
    pub family: OuterFamily,
    /// What is taken apart.
    pub protocol: ListenerProtocol,
    /// Of whose packets.
    pub scope: ListenerScope,
}

/// Whose packets a listener takes apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListenerScope {
    /// All that come to the port.
    All,
    /// Those that come to one address, from one, or by one device.
    Some,
}

/// What a listener takes apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ListenerProtocol {
    /// GUE, which says itself what is in it.
    Gue,
    /// FOU: always a packet of this protocol.
    Direct(u8),
}

impl GueListener {
    /// A listener for GUE on a port.
    pub fn new(port: NonZeroU16, family: OuterFamily) -> Self {
        Self { port, family }
    }

    /// Whether it is the one that is there.
    pub(crate) fn is(self, status: ListenerStatus) -> bool {
        status.port == self.port.get()
            && status.family == self.family
            && status.protocol == ListenerProtocol::Gue
            && status.scope == ListenerScope::All
    }
}

impl From<IpAddr> for OuterFamily {
    fn from(address: IpAddr) -> Self {
        if address.is_ipv4() {
            Self::Ipv4
        } else {
            Self::Ipv6
        }
    }
}

impl fmt::Display for OuterFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

impl fmt::Display for GueListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the GUE listener on UDP port {} of {}",
            self.port, self.family
        )
    }
}
