//! UDP ports on which the kernel decapsulates packets, as values.

use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr, num::NonZeroU16};

/// A UDP port on which the kernel decapsulates GUE (generic UDP encapsulation).
///
/// The result is an ordinary IPIP packet, which a tunnel device must decapsulate in turn.
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
    /// The IP family of the outer packets.
    pub family: OuterFamily,
}

/// The IP family of the outer packets, whatever they carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OuterFamily {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

/// A UDP port on which the kernel decapsulates packets, as it is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListenerStatus {
    /// The port.
    pub port: u16,
    /// The IP family of the outer packets.
    pub family: OuterFamily,
    /// The protocol that the listener decapsulates.
    pub protocol: ListenerProtocol,
    /// Which packets to the port the listener decapsulates.
    pub scope: ListenerScope,
}

/// Which packets to its port a listener decapsulates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListenerScope {
    /// All packets to the port.
    All,
    /// Only packets with a given local address, remote address or device.
    Restricted,
}

/// The protocol that a listener decapsulates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ListenerProtocol {
    /// GUE, whose header names the protocol of the inner packet.
    Gue,
    /// FOU, whose inner packets always have this protocol.
    Fou(u8),
}

impl GueListener {
    /// Describes a GUE listener on a port.
    pub fn new(port: NonZeroU16, family: OuterFamily) -> Self {
        Self { port, family }
    }

    /// Returns whether `status` is this listener.
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
