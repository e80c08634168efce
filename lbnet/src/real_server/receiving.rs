//! What a real server wants so that packets come out of a tunnel.

use std::net::IpAddr;

use super::RealServer;
use crate::{
    Address, AddressScope, Error, Host, LargestPacket, Preference, Rank, Tunnel,
    setup::{AnySource, Want},
};

/// The headers of a TCP packet: IPv4 or IPv6, and TCP without options.
const TCP_OVER_IPV4: u32 = 20 + 20;
const TCP_OVER_IPV6: u32 = 40 + 20;

impl RealServer {
    /// What is wanted for the tunnel, on a host as it is now; nothing without one.
    pub(super) async fn receiving(&self, host: &Host) -> Result<Vec<Want>, Error> {
        let Some(tunnel) = self.tunnel else {
            return Ok(Vec::new());
        };
        let local = self.local_address(host, tunnel).await?;
        let link = tunnel.link(self.vip, local);
        let mut wants = vec![Want::Link(link.clone())];
        // There is no such check for IPv6.
        if self.vip.is_ipv4() {
            let links = host.links().await?.into_iter();
            // Devices of ours take packets from everywhere, or have nothing to do with packets.
            let others = links.filter(|link| !link.is_marked());
            wants.push(Want::AnySource(AnySource {
                device: link.name,
                others: others.map(|link| link.name).collect(),
            }));
        }
        wants.extend(tunnel.listener(local).map(Want::Listener));
        wants.extend(self.largest_packet(host, tunnel, local).await?);
        Ok(wants)
    }

    /// The address of this host that packets come to.
    async fn local_address(&self, host: &Host, tunnel: Tunnel) -> Result<IpAddr, Error> {
        let all = host.addresses().await?;
        if let Some(address) = tunnel.local_address() {
            let is_ours = |has: &Address| has.prefix.address() == address;
            return if all.iter().any(|status| is_ours(&status.address)) {
                Ok(address)
            } else {
                Err(Error::NotOurAddress { address })
            };
        }
        let device = self.device.clone();
        let candidates = all.into_iter().filter(|status| {
            let Address {
                prefix,
                device,
                scope,
                preference,
                ..
            } = &status.address;
            *device == self.device
                && prefix.address().is_ipv4() == self.vip.is_ipv4()
                && prefix.address() != self.vip
                && *scope == AddressScope::Global
                && *preference == Preference::Source
                && status.rank == Rank::Primary
        });
        let addresses: Vec<_> = candidates
            .map(|status| status.address.prefix.address())
            .collect();
        match addresses.as_slice() {
            [] => Err(Error::NoTunnelAddress {
                device,
                family: self.vip.into(),
            }),
            [address] => Ok(*address),
            _ => Err(Error::SeveralTunnelAddresses { device, addresses }),
        }
    }

    /// What does not fit through the tunnel, unless clients are told so already.
    async fn largest_packet(
        &self,
        host: &Host,
        tunnel: Tunnel,
        local: IpAddr,
    ) -> Result<Option<Want>, Error> {
        let mtu = host.link(&self.device).await?.mtu;
        let largest = mtu.saturating_sub(tunnel.overhead(local));
        let (headers, ip) = match self.vip {
            IpAddr::V4(_) => (TCP_OVER_IPV4, "ip"),
            IpAddr::V6(_) => (TCP_OVER_IPV6, "ip -6"),
        };
        let segment = largest.saturating_sub(headers);
        let routes = host.routes().await?;
        // Most clients are answered by the default route.
        let to_clients = routes.iter().find(|route| {
            route.destination.is_none()
                && route
                    .gateway
                    .is_some_and(|gateway| gateway.is_ipv4() == self.vip.is_ipv4())
        });
        let told = to_clients.and_then(|route| route.advertised_mss);
        if told.is_some_and(|told| told <= segment) {
            return Ok(None);
        }
        let remedy = to_clients.and_then(|route| {
            let (gateway, device) = (route.gateway?, &route.device);
            Some(format!(
                "{ip} route change default via {gateway} dev {device} advmss {segment}"
            ))
        });
        Ok(Some(Want::Advice(LargestPacket {
            encapsulation: tunnel.encapsulation(),
            device: self.device.clone(),
            mtu,
            largest,
            segment,
            remedy,
        })))
    }
}
