//! What a host was examined as.

use std::{fmt, net::IpAddr};

use super::expected::ExpectedServer;

/// What a host was examined as.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExaminedRole {
    /// The director for these VIPs; for none if all packets are balanced by their firewall mark.
    Director {
        /// The VIPs.
        vips: Vec<IpAddr>,
    },
    /// A real server.
    RealServer(ExpectedServer),
}

impl fmt::Display for ExaminedRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Director { vips } if vips.is_empty() => f.write_str("director"),
            Self::Director { vips } => {
                let vips: Vec<_> = vips.iter().map(IpAddr::to_string).collect();
                write!(f, "director for {}", vips.join(", "))
            }
            Self::RealServer(expected) => write!(f, "real server for {expected}"),
        }
    }
}
