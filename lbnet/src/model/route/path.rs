//! Which way packets go.

use crate::{DeviceName, IpPrefix};
use serde::Serialize;
use std::net::IpAddr;

/// A route of the main table by which packets leave through a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Route {
    /// The network it leads to; none is everywhere else (`default`).
    pub destination: Option<IpPrefix>,
    /// The router that passes packets on, if there is one.
    pub gateway: Option<IpAddr>,
    /// The device that they leave by.
    pub device: DeviceName,
    /// The largest packet, in bytes, if the route says so (`mtu`).
    pub mtu: Option<u32>,
    /// The largest TCP segment that the other side is told to send, in bytes, if the route says so
    /// (`advmss`).
    pub advertised_mss: Option<u32>,
    /// Which of several to the same network is taken: the smallest (`metric`).
    pub metric: u32,
}

/// The way to one address, as the kernel would take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PathTo {
    /// Where packets end up.
    pub reach: Reach,
    /// The device that they leave by; `lo` for an address of this host.
    pub device: DeviceName,
    /// The router that passes them on, if the address is not on the link.
    pub gateway: Option<IpAddr>,
    /// The address that a connection would start from.
    pub source: Option<IpAddr>,
    /// The largest packet, in bytes, if the route says so.
    pub mtu: Option<u32>,
}

/// Where packets to an address end up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reach {
    /// In this host: the address is its own.
    Local,
    /// With another host.
    Remote,
    /// Nowhere: the route says so.
    Nowhere,
}

impl Route {
    /// Whether it is a default route, by a gateway of the family of `address`.
    pub(crate) fn is_default_for(&self, address: IpAddr) -> bool {
        let of_family = |gateway: IpAddr| gateway.is_ipv4() == address.is_ipv4();
        self.destination.is_none() && self.gateway.is_some_and(of_family)
    }
}
