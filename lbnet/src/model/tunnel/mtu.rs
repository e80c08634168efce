//! The largest packet that fits through a tunnel, and how clients learn of it.

use std::net::IpAddr;

use super::Tunnel;
use std::fmt;

use serde::Serialize;

use crate::Route;

/// Length of a TCP header without options, in bytes.
const TCP: u32 = 20;

/// The space that a tunnel leaves in a packet on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TunnelMtu {
    /// The largest packet of a client, in bytes.
    pub packet: u32,
    /// The largest TCP segment in that packet, in bytes.
    pub segment: u32,
}

/// The largest TCP segment to announce to clients, by a route that replies to them take (`advmss`).
///
/// The text form is the command that sets it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct AdvertisedMss {
    /// The route, which is a default route with a gateway.
    pub route: Route,
    /// The largest TCP segment that clients may send, in bytes.
    pub segment: u32,
}

impl TunnelMtu {
    /// Computes the space in packets of `mtu` bytes sent to `local`, for clients of `vip`.
    pub fn of(tunnel: Tunnel, vip: IpAddr, local: IpAddr, mtu: u32) -> Self {
        let packet = mtu.saturating_sub(tunnel.overhead(local));
        Self {
            packet,
            segment: packet.saturating_sub(tcp_headers(vip)),
        }
    }

    /// Returns the default routes for replies to clients of `vip` that let clients send more than
    /// fits. Most replies take a default route.
    pub fn is_exceeded_by(self, routes: &[Route], vip: IpAddr) -> impl Iterator<Item = &Route> {
        routes.iter().filter(move |route| {
            let told = route.advertised_mss.is_some_and(|mss| mss <= self.segment);
            let narrow = route.mtu.is_some_and(|mtu| mtu <= self.packet);
            route.is_default_for(vip) && !told && !narrow
        })
    }

    /// Returns the limit to announce to clients by a route.
    pub fn advertised_on(self, route: &Route) -> AdvertisedMss {
        AdvertisedMss::new(route.clone(), self.segment)
    }
}

impl AdvertisedMss {
    /// Describes a limit of `segment` bytes for peers that are reached over `route`.
    pub fn new(route: Route, segment: u32) -> Self {
        Self { route, segment }
    }
}

impl fmt::Display for AdvertisedMss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { route, segment } = self;
        let ip = match route.gateway {
            Some(IpAddr::V6(_)) => "ip -6",
            _ => "ip",
        };
        write!(f, "{ip} route change default")?;
        if let Some(gateway) = route.gateway {
            write!(f, " via {gateway}")?;
        }
        write!(f, " dev {}", route.device)?;
        // The metric is part of the identity of a route.
        if route.metric > 0 {
            write!(f, " metric {}", route.metric)?;
        }
        write!(f, " advmss {segment}")
    }
}

/// Returns the length in bytes of the IP and TCP headers around a segment, without options.
pub(crate) fn tcp_headers(vip: IpAddr) -> u32 {
    TCP + match vip {
        IpAddr::V4(_) => 20,
        IpAddr::V6(_) => 40,
    }
}
