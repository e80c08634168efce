//! The place of a real server's VIP.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Where a real server has its VIP.
///
/// The text form is one word: `lo` or `device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ServerPlacement {
    /// On `lo`.
    #[default]
    Loopback,
    /// On the clients' device, for a device that receives only packets for its own addresses: an
    /// ipvlan. For IPv4, the VIP gets host scope there, and `arp_ignore = 3` keeps the device from
    /// answering ARP for it. For IPv6, there is no such setting, so the device must not do neighbour
    /// discovery (ipvlan in the modes `l3` and `l3s`).
    Device,
}

impl fmt::Display for ServerPlacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "lo",
            Self::Device => "device",
        })
    }
}

impl FromStr for ServerPlacement {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "lo" => Ok(Self::Loopback),
            "device" => Ok(Self::Device),
            _ => Err(Invalid::ServerPlacement {
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
        for word in ["lo", "device"] {
            assert_eq!(word.parse::<ServerPlacement>().unwrap().to_string(), word);
        }
        for word in ["", "eth0", "route", "dummy:ipvs0"] {
            word.parse::<ServerPlacement>().unwrap_err();
        }
    }
}
