//! Routes, as values.

mod path;
use crate::DeviceName;
pub use path::{PathTo, Reach, Route};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

/// A route to one address without a gateway: `ip route add 192.0.2.100 dev lo`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HostRoute {
    /// Where it leads.
    pub destination: IpAddr,
    /// The device it leads through.
    pub device: DeviceName,
    /// What it makes of the address.
    #[serde(default)]
    pub kind: HostRouteKind,
}

/// What a route makes of the address that it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostRouteKind {
    /// Packets leave through the device (the kernel's `unicast`, in the main table).
    #[default]
    Through,
    /// The address is this host's own, without being on a device (the kernel's `local`, in the
    /// local table): packets to it are taken, ARP is answered, and no connection starts from it.
    Local,
}

/// A host route that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HostRouteStatus {
    /// The route.
    pub route: HostRoute,
    /// Who added it (`rtm_protocol`): 2 is the kernel, 3 is `ip`.
    pub protocol: u8,
}

impl HostRoute {
    /// A route to `destination` through `device`.
    pub fn new(destination: IpAddr, device: DeviceName) -> Self {
        Self {
            destination,
            device,
            kind: HostRouteKind::Through,
        }
    }

    /// A route that makes `destination` an address of this host: `ip route add local 192.0.2.100
    /// dev lo`.
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
            HostRouteKind::Through => {
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
