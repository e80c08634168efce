//! What fits through a tunnel, and how clients are told.

use std::net::IpAddr;

use super::Tunnel;
use crate::Route;

/// A TCP header without options.
const TCP: u32 = 20;

/// The room that a tunnel leaves in a packet on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// The largest packet of a client, in bytes.
    pub(crate) packet: u32,
    /// The largest TCP segment in it, in bytes.
    pub(crate) segment: u32,
}

impl Room {
    /// Of packets of `mtu` bytes that come to `local`, for clients of `vip`.
    pub(crate) fn of(tunnel: Tunnel, vip: IpAddr, local: IpAddr, mtu: u32) -> Self {
        let packet = mtu.saturating_sub(tunnel.overhead(local));
        Self {
            packet,
            segment: packet.saturating_sub(tcp_headers(vip)),
        }
    }

    /// The routes by which clients of `vip` are answered, and told to send more than fits. Most are
    /// answered by a default route.
    pub(crate) fn exceeded_by(self, routes: &[Route], vip: IpAddr) -> impl Iterator<Item = &Route> {
        routes.iter().filter(move |route| {
            let told = route.advertised_mss.is_some_and(|mss| mss <= self.segment);
            let narrow = route.mtu.is_some_and(|mtu| mtu <= self.packet);
            route.is_default_for(vip) && !told && !narrow
        })
    }

    /// The command that has clients told by a route.
    pub(crate) fn told_by(self, route: &Route) -> String {
        let ip = match route.gateway {
            Some(IpAddr::V6(_)) => "ip -6",
            _ => "ip",
        };
        let gateway = route.gateway.map(|gateway| format!(" via {gateway}"));
        // A route is found by its metric too.
        let metric = (route.metric > 0).then(|| format!(" metric {}", route.metric));
        format!(
            "{ip} route change default{} dev {}{} advmss {}",
            gateway.unwrap_or_default(),
            route.device,
            metric.unwrap_or_default(),
            self.segment
        )
    }
}

/// How many bytes of a packet are not the segment in it, without options.
pub(crate) fn tcp_headers(vip: IpAddr) -> u32 {
    TCP + match vip {
        IpAddr::V4(_) => 20,
        IpAddr::V6(_) => 40,
    }
}
