//! Who wants a change.

use crate::{DeviceName, Director, RealServer};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

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

/// One role for one VIP that a host was set up for and not undone since.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetUp {
    /// By [`Director::up`].
    Director(Director),
    /// By [`RealServer::up`].
    RealServer(RealServer),
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
