use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Duration;

use crate::model::number::unsigned;
use crate::{Family, ParseError};

/// Persistence: a client keeps the destination of its first connection.
///
/// Until `timeout` after the client's last connection, the kernel sends new connections to the same
/// destination, even if its weight is 0, unless `net.ipv4.vs.expire_quiescent_template` is 1.
///
/// A netmask of all bits equals no netmask: the kernel does not distinguish them.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Persistence {
    /// The timeout, in whole seconds: 1 second to 31 days.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::as_text"))]
    pub timeout: Duration,
    /// The netmask: all clients in the same network count as one. `None` treats each address separately.
    #[cfg_attr(feature = "serde", serde(default))]
    pub netmask: Option<Netmask>,
}

impl Persistence {
    /// The default timeout of `ipvsadm`: 6 minutes.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(360);

    /// The longest timeout: 31 days, as in `ipvsadm`. The kernel multiplies the seconds by its tick rate in
    /// 32 bits without checking for overflow, so 50 days would wrap around.
    pub const LONGEST: Duration = Duration::from_secs(31 * 24 * 3600);

    /// Creates persistence for each client address.
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            netmask: None,
        }
    }

    /// Treats all clients in the same network as one client.
    #[must_use]
    pub fn netmask(mut self, netmask: Netmask) -> Self {
        self.netmask = Some(netmask);
        self
    }

    /// Returns the netmask, unless it covers the whole address.
    fn cut(&self) -> Option<Netmask> {
        self.netmask.filter(|netmask| !netmask.is_whole())
    }
}

impl From<Duration> for Persistence {
    fn from(timeout: Duration) -> Self {
        Self::new(timeout)
    }
}

impl PartialEq for Persistence {
    fn eq(&self, other: &Self) -> bool {
        (self.timeout, self.cut()) == (other.timeout, other.cut())
    }
}

impl Eq for Persistence {}

impl Hash for Persistence {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.timeout, self.cut()).hash(state);
    }
}

/// The part of a client's address that identifies the client.
///
/// The text form is `255.255.255.0` for IPv4 and a prefix length such as `64` for IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Netmask {
    /// The netmask of an IPv4 address. The kernel accepts any, even with gaps.
    Ipv4(Ipv4Addr),
    /// The prefix length of an IPv6 address, 1 to 128.
    Ipv6(u8),
}

impl Netmask {
    /// Returns the address family that the netmask applies to.
    pub fn family(self) -> Family {
        match self {
            Self::Ipv4(_) => Family::Ipv4,
            Self::Ipv6(_) => Family::Ipv6,
        }
    }

    /// Returns whether the netmask covers the whole address.
    fn is_whole(self) -> bool {
        matches!(self, Self::Ipv4(Ipv4Addr::BROADCAST) | Self::Ipv6(128))
    }
}

impl FromStr for Netmask {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.parse() {
            Ok(mask) => Ok(Self::Ipv4(mask)),
            Err(_) => match unsigned(text.strip_prefix('/').unwrap_or(text)) {
                Some(prefix @ 1..=128) => Ok(Self::Ipv6(prefix)),
                _ => Err(ParseError::Netmask(text.to_owned())),
            },
        }
    }
}

impl fmt::Display for Netmask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(mask) => mask.fmt(f),
            Self::Ipv6(prefix) => prefix.fmt(f),
        }
    }
}

/// A persistence engine, which identifies clients by other data than their address. Its name is that of
/// a kernel module `ip_vs_pe_<name>`. The kernel has one, `sip` (the Call-ID of UDP requests). Since
/// Linux 2.6.37.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PersistenceEngine(String);

impl PersistenceEngine {
    /// Returns the kernel's name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Creates it from a name read from the kernel, without checking the name.
    pub(crate) fn from_kernel(name: String) -> Self {
        Self(name)
    }
}

impl FromStr for PersistenceEngine {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, ParseError> {
        if name.is_empty() || name.len() > 16 || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ParseError::EngineName(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for PersistenceEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
