//! What fits through a tunnel, and how clients are told.

use std::net::IpAddr;

use super::Tunnel;
use std::fmt;

use serde::Serialize;

use crate::Route;

/// A TCP header without options.
const TCP: u32 = 20;

/// The room that a tunnel leaves in a packet on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// The largest packet of a client, in bytes.
    pub packet: u32,
    /// The largest TCP segment in it, in bytes.
    pub segment: u32,
}

/// A route by which clients are answered, and the TCP segment to tell them of on it (`advmss`).
///
/// Shown as the command that does it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AdvertisedMss {
    /// The route. It is a default route by a gateway.
    pub route: Route,
    /// The largest TCP segment that clients are to send, in bytes.
    pub segment: u32,
}

impl Room {
    /// Of packets of `mtu` bytes that come to `local`, for clients of `vip`.
    pub fn of(tunnel: Tunnel, vip: IpAddr, local: IpAddr, mtu: u32) -> Self {
        let packet = mtu.saturating_sub(tunnel.overhead(local));
        Self {
            packet,
            segment: packet.saturating_sub(tcp_headers(vip)),
        }
    }

    /// The routes by which clients of `vip` are answered, and told to send more than fits. Most are
    /// answered by a default route.
    pub fn exceeded_by(self, routes: &[Route], vip: IpAddr) -> impl Iterator<Item = &Route> {
        routes.iter().filter(move |route| {
            let told = route.advertised_mss.is_some_and(|mss| mss <= self.segment);
            let narrow = route.mtu.is_some_and(|mtu| mtu <= self.packet);
            route.is_default_for(vip) && !told && !narrow
        })
    }

    /// What tells clients by a route.
    pub fn told_by(self, route: &Route) -> AdvertisedMss {
        AdvertisedMss {
            route: route.clone(),
            segment: self.segment,
        }
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
        // A route is found by its metric too.
        if route.metric > 0 {
            write!(f, " metric {}", route.metric)?;
        }
        write!(f, " advmss {segment}")
    }
}

/// How many bytes of a packet are not the segment in it, without options.
pub(crate) fn tcp_headers(vip: IpAddr) -> u32 {
    TCP + match vip {
        IpAddr::V4(_) => 20,
        IpAddr::V6(_) => 40,
    }
}
