//! The roles that a host is set up for.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::{DeviceName, Director, RealServer};

/// The set-up of a host for one role and one VIP, with all its options.
///
/// [`Host::set_ups`](crate::Host::set_ups) returns the set-ups of a host.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SetUp {
    /// The host distributes the clients' packets; see [`Director::up`].
    Director(Director),
    /// The host serves the clients; see [`RealServer::up`].
    RealServer(RealServer),
}

/// Identifies a set-up of a host: one role for one VIP on one device.
///
/// Several set-ups may need the same change. It is undone when the last of them is taken down.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SetUpId {
    /// The role of the host for the VIP.
    pub role: Role,
    /// The VIP.
    pub vip: IpAddr,
    /// The device on the clients' side.
    pub device: DeviceName,
}

/// The role of a host for a VIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// The host distributes the clients' packets to the real servers.
    Director,
    /// The host serves the clients.
    RealServer,
}

impl SetUp {
    /// Returns the id that identifies the set-up on its host.
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

impl SetUp {
    /// Returns whether this is the set-up with this id.
    pub(crate) fn is_about(&self, id: &SetUpId) -> bool {
        let (role, vip, device) = match self {
            Self::Director(it) => (Role::Director, it.vip().address(), it.device()),
            Self::RealServer(it) => (Role::RealServer, it.vip(), it.device()),
        };
        (role, vip, device) == (id.role, id.vip, &id.device)
    }

    /// Returns the set-up as the journal records it: without what is about one call only.
    pub(crate) fn recorded(self) -> Self {
        match self {
            Self::Director(director) => Self::Director(Director {
                claim: false,
                ..director
            }),
            server @ Self::RealServer(_) => server,
        }
    }
}

impl SetUpId {
    /// Names the action for the error about a missing privilege.
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
