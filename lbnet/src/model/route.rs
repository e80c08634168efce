//! Routes, as values.

mod path;
mod query;
use crate::DeviceName;
pub use path::{GatewayCheck, PathTo, Reach, Route};
pub use query::{PathAnswer, PathQuery};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

/// A route to one address without a gateway: `ip route add 192.0.2.100 dev lo`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HostRoute {
    /// The address that the route leads to.
    pub destination: IpAddr,
    /// The device of the route.
    pub device: DeviceName,
    /// What the route does with packets to the address.
    #[serde(default)]
    pub kind: HostRouteKind,
}

/// What a host route does with packets to its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostRouteKind {
    /// Packets leave by the device (`unicast` in the kernel's main table).
    #[default]
    Unicast,
    /// The address belongs to this host without being on a device (`local` in the kernel's local
    /// table). The host accepts packets to it and answers ARP for it, but the kernel does not
    /// choose it as source of connections.
    Local,
}

/// A host route that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HostRouteStatus {
    /// The route.
    pub route: HostRoute,
    /// The origin of the route (`rtm_protocol`): 2 is the kernel, 3 is `ip`.
    pub protocol: u8,
}

impl HostRoute {
    /// Describes a route to `destination` through `device`.
    pub fn new(destination: IpAddr, device: DeviceName) -> Self {
        Self {
            destination,
            device,
            kind: HostRouteKind::Unicast,
        }
    }

    /// Describes a route that makes `destination` an address of this host: `ip route add local
    /// 192.0.2.100 dev lo`.
    pub fn local(destination: IpAddr) -> Self {
        Self {
            destination,
            device: DeviceName::loopback(),
            kind: HostRouteKind::Local,
        }
    }
}

impl fmt::Display for HostRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            HostRouteKind::Unicast => {
                write!(
                    f,
                    "the route to {} through {}",
                    self.destination, self.device
                )
            }
            HostRouteKind::Local => write!(f, "the local route to {}", self.destination),
        }
    }
}
