//! What a host is set up as.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::{DeviceName, Director, RealServer};

/// One role that a host has for one VIP, with all its options.
///
/// [`Host::set_ups`](crate::Host::set_ups) gives back what was set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SetUp {
    /// The host distributes the clients' packets: [`Director::up`].
    Director(Director),
    /// The host answers clients: [`RealServer::up`].
    RealServer(RealServer),
}

/// What tells one set-up of a host from the others: one role for one VIP on one device.
///
/// Several set-ups may need the same change. It is undone with the last of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SetUpId {
    /// What the host does for the VIP.
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
    /// It distributes the clients' packets to the real servers.
    Director,
    /// It answers the clients.
    RealServer,
}

impl SetUp {
    /// What tells it from the other set-ups of a host.
    pub fn id(&self) -> SetUpId {
        match self {
            Self::Director(director) => SetUpId {
                role: Role::Director,
                vip: director.vip().address(),
                device: director.device().clone(),
            },
            Self::RealServer(server) => SetUpId {
                role: Role::RealServer,
                vip: server.vip(),
                device: server.device().clone(),
            },
        }
    }
}

impl SetUpId {
    /// What a missing privilege keeps from being done.
    pub(crate) fn change(&self) -> String {
        format!("changing the set-up of the {self}")
    }
}

impl From<Director> for SetUp {
    fn from(director: Director) -> Self {
        Self::Director(director)
    }
}

impl From<RealServer> for SetUp {
    fn from(server: RealServer) -> Self {
        Self::RealServer(server)
    }
}

impl fmt::Display for SetUpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            Role::Director => "director",
            Role::RealServer => "real server",
        };
        write!(f, "{role} for {} on {}", self.vip, self.device)
    }
}
