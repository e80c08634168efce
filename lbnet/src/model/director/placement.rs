//! The place of a director's VIP.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{DeviceName, Invalid};

/// Where a director has its VIP. IPVS only needs packets for the VIP to be delivered to this host.
///
/// For an IPv4 VIP, the host answers ARP requests on every device, wherever the VIP is, unless
/// `arp_ignore` restricts this. For an IPv6 VIP, it answers neighbour solicitations only on the
/// device that has the VIP. If an IPv6 VIP is elsewhere, a router must send its packets to this
/// host.
///
/// The text form is one word: `device`, `lo`, `dummy:ipvs0` or `route`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Placement {
    /// On the clients' device.
    #[default]
    Device,
    /// On `lo`.
    Loopback,
    /// On a dummy device, which is added if it does not exist. Programs that manage the clients'
    /// device do not touch it.
    Dummy(DeviceName),
    /// On no device: only a local route is added. The kernel cannot choose the VIP as source of a
    /// connection.
    Route,
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device => f.write_str("device"),
            Self::Loopback => f.write_str("lo"),
            Self::Dummy(name) => write!(f, "dummy:{name}"),
            Self::Route => f.write_str("route"),
        }
    }
}

impl FromStr for Placement {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match (text, text.strip_prefix("dummy:")) {
            ("device", _) => Ok(Self::Device),
            ("lo", _) => Ok(Self::Loopback),
            ("route", _) => Ok(Self::Route),
            (_, Some(name)) => name.parse().map(Self::Dummy),
            (_, None) => Err(Invalid::Placement {
                text: text.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_words_are_read_back() {
        for word in ["device", "lo", "dummy:ipvs0", "route"] {
            assert_eq!(word.parse::<Placement>().unwrap().to_string(), word);
        }
        assert_eq!("device".parse(), Ok(Placement::default()));
    }

    #[test]
    fn other_words_are_refused() {
        for word in ["", "eth0", "dummy", "dummy:", "dummy:a/b"] {
            word.parse::<Placement>().unwrap_err();
        }
    }
}
