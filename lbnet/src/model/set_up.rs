//! Who wants a change.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::DeviceName;

/// On whose behalf something was changed: one role for one VIP.
///
/// Changes that several owners need are undone with the last of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Owner {
    /// As what the host was set up.
    pub role: Role,
    /// The VIP.
    pub vip: IpAddr,
    /// The device on the clients' side.
    pub device: DeviceName,
}

/// What a host does for a VIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// It takes the clients' packets and hands them out.
    Director,
    /// It answers them.
    RealServer,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            Role::Director => "director",
            Role::RealServer => "real server",
        };
        write!(f, "{role} for {} on {}", self.vip, self.device)
    }
}
