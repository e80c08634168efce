use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Duration;

use crate::{Family, ParseError};

/// Keeps a client with the destination that it had first.
///
/// For as long as `timeout` after the client's last connection, the kernel sends it there again. It
/// keeps doing so when the destination's weight is 0, unless
/// `net.ipv4.vs.expire_quiescent_template` is 1.
///
/// A netmask of all bits equals none: the kernel does not tell them apart.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Persistence {
    /// How long, in whole seconds: 1 second to 31 days.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::as_text"))]
    pub timeout: Duration,
    /// Which clients are taken for one; `None` is each address by itself.
    #[cfg_attr(feature = "serde", serde(default))]
    pub netmask: Option<Netmask>,
}

impl Persistence {
    /// The timeout that `ipvsadm` uses when none is given: 6 minutes.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(360);

    /// The longest timeout: 31 days, as in `ipvsadm`. The kernel multiplies seconds by its tick
    /// rate in 32 bits without a check for overflow: 50 days would become something else entirely.
    pub const LONGEST: Duration = Duration::from_secs(31 * 24 * 3600);

    /// Persistence of each client address by itself.
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            netmask: None,
        }
    }

    /// Takes the clients of a network for one.
    #[must_use]
    pub fn netmask(mut self, netmask: Netmask) -> Self {
        self.netmask = Some(netmask);
        self
    }

    /// The netmask, where it cuts anything off.
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

/// How much of a client's address counts.
///
/// Written `255.255.255.0` for IPv4 and as a prefix length `64` for IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Netmask {
    /// The bits of an IPv4 address. The kernel takes any, also with gaps.
    Ipv4(Ipv4Addr),
    /// The first bits of an IPv6 address, 1 to 128.
    Ipv6(u8),
}

impl Netmask {
    /// The family of the addresses that it applies to.
    pub fn family(self) -> Family {
        match self {
            Self::Ipv4(_) => Family::Ipv4,
            Self::Ipv6(_) => Family::Ipv6,
        }
    }

    /// Whether all of an address counts.
    fn is_whole(self) -> bool {
        matches!(self, Self::Ipv4(Ipv4Addr::BROADCAST) | Self::Ipv6(128))
    }
}

impl FromStr for Netmask {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.parse() {
            Ok(mask) => Ok(Self::Ipv4(mask)),
            Err(_) => match text.strip_prefix('/').unwrap_or(text).parse() {
                Ok(prefix @ 1..=128) => Ok(Self::Ipv6(prefix)),
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

/// What a client is recognised by instead of its address: the name of a kernel module
/// `ip_vs_pe_<name>`. The kernel has one, `sip` (the Call-ID of UDP requests). Since Linux 2.6.37.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PersistenceEngine(String);

impl PersistenceEngine {
    /// The kernel's name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// A name that came from the kernel, which is not checked again.
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
