//! What a caller says of the host that is to be examined.

use std::{net::IpAddr, num::NonZeroU16};

use ipvs::Protocol;

use super::expected::Replies;
use crate::{DeviceName, Role, Tunnel};

/// What a host is examined as. The default is whatever it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Examination {
    /// Examine the host only in this role.
    pub role: Option<Role>,
    /// How clients' packets arrive on a real server.
    pub arrival: Arrival,
    /// The devices on the clients' side of a real server; none: found out as
    /// [`ExpectedServer::device`](super::ExpectedServer::device) says.
    pub devices: Vec<DeviceName>,
    /// The ports that a real server should serve; none: any.
    pub ports: Vec<(Protocol, NonZeroU16)>,
}

/// How clients' packets arrive on a real server. Where no VIP is named, those are meant that the host was
/// set up for as a real server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrival {
    /// As the host was set up. If nothing is recorded: through the tunnel whose device has the VIP,
    /// otherwise as in direct routing.
    Recorded {
        /// The VIPs.
        vips: Vec<IpAddr>,
    },
    /// Through a tunnel.
    Tunnel {
        /// The VIPs.
        vips: Vec<IpAddr>,
        /// The tunnel.
        tunnel: Tunnel,
    },
    /// Masqueraded.
    Masqueraded {
        /// How the replies get to the director.
        replies: Replies,
    },
}

impl Default for Arrival {
    fn default() -> Self {
        Self::Recorded { vips: Vec::new() }
    }
}
