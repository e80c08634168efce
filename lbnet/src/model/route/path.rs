//! The paths that packets take, as values.

use crate::{DeviceName, IpPrefix};
use serde::Serialize;
use std::{fmt, net::IpAddr};

/// A route that sends packets out by a device.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Route {
    /// The destination network. `None` is the default route.
    pub destination: Option<IpPrefix>,
    /// The gateway, if there is one.
    pub gateway: Option<IpAddr>,
    /// The outgoing device.
    pub device: DeviceName,
    /// The largest packet in bytes, if the route limits it (`mtu`).
    pub mtu: Option<u32>,
    /// The largest TCP segment that this host announces to its peer, in bytes, if the route limits
    /// it (`advmss`).
    pub advertised_mss: Option<u32>,
    /// The metric. The kernel prefers the route with the smallest metric among routes to the same
    /// network.
    pub metric: u32,
    /// The number of the routing table that has it; 254 is the main table.
    pub table: u32,
    /// The source that the host prefers for what it sends by this route (`src`).
    pub source: Option<IpAddr>,
    /// Who added the route (`proto`): 3 is an administrator, 16 a DHCP client.
    pub protocol: u8,
    /// Whether the gateway has to be in a network of the device.
    pub gateway_check: GatewayCheck,
}

/// Whether the gateway of a route has to be in a network of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayCheck {
    /// It has to be.
    InNetwork,
    /// It is on the link, whatever the addresses of the device say (`onlink`).
    OnLink,
}

/// The path to one address that the kernel would choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PathTo {
    /// Where packets to the address arrive.
    pub reach: Reach,
    /// The outgoing device; `lo` for an address of this host.
    pub device: DeviceName,
    /// The gateway, if the address is not on the link.
    pub gateway: Option<IpAddr>,
    /// The source address that the kernel would choose for a connection.
    pub source: Option<IpAddr>,
    /// The largest packet in bytes, if the route limits it.
    pub mtu: Option<u32>,
}

/// Where packets to an address arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reach {
    /// At this host: the address is its own.
    Local,
    /// At another host.
    Remote,
    /// Nowhere: a route discards or refuses them.
    Nowhere,
}

impl Route {
    /// The main routing table (`RT_TABLE_MAIN`).
    pub(crate) const MAIN_TABLE: u32 = 254;
    /// The protocol that `ip` gives routes (`RTPROT_BOOT`).
    const ADMINISTRATOR: u8 = 3;

    /// Describes a default route through `device`, without a gateway, limits or metric.
    pub fn default_through(device: DeviceName) -> Self {
        Self {
            destination: None,
            gateway: None,
            device,
            mtu: None,
            advertised_mss: None,
            metric: 0,
            table: Self::MAIN_TABLE,
            source: None,
            protocol: Self::ADMINISTRATOR,
            gateway_check: GatewayCheck::InNetwork,
        }
    }

    /// Returns whether both denote the same entry in the kernel, which is a route to the same network
    /// by the same gateway, device and metric. The limits are properties of that entry.
    pub fn is_same_entry(&self, other: &Self) -> bool {
        (self.destination, self.gateway, self.metric, self.table)
            == (other.destination, other.gateway, other.metric, other.table)
            && self.device == other.device
    }

    /// Returns whether this is a default route whose gateway has the family of `address`.
    pub(crate) fn is_default_for(&self, address: IpAddr) -> bool {
        let of_family = |gateway: IpAddr| gateway.is_ipv4() == address.is_ipv4();
        self.destination.is_none() && self.gateway.is_some_and(of_family)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.destination {
            Some(network) => write!(f, "the route to {network}")?,
            None => f.write_str("the default route")?,
        }
        if let Some(gateway) = self.gateway {
            write!(f, " by {gateway}")?;
        }
        write!(f, " through {}", self.device)
    }
}
