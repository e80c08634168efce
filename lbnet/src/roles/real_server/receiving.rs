//! The wants of a real server for decapsulation.

use std::net::IpAddr;

use crate::{
    Address, AddressScope, Conflict, Error, Host, LargestPacket, Preference, Rank, RealServer,
    Step, Tunnel,
    changes::wanted::{AnySource, Want},
    model::tunnel::TunnelMtu,
};

impl RealServer {
    /// Returns the wants for the tunnel, given the present state of a host. The list is empty
    /// without a tunnel.
    pub(super) async fn receiving(&self, host: &Host) -> Result<Vec<Want>, Error> {
        let Some(tunnel) = self.tunnel else {
            return Ok(Vec::new());
        };
        let local = self.local_address(host, tunnel).await?;
        let links = host.links().await?;
        let mut link = tunnel.link(self.vip, local);
        // What comes out of the tunnel, and the replies to it, are routed as what arrives on the device.
        let device = links.iter().find(|link| link.name == self.device);
        if let Some(vrf) = device.and_then(|device| device.vrf_among(&links)) {
            if local.is_ipv6() {
                return Err(Error::Conflict(Conflict::TunnelInVrf {
                    device: self.device.clone(),
                    vrf: vrf.name.clone(),
                }));
            }
            link = link.in_vrf(vrf.name.clone());
        }
        let mut wants = vec![Want::Link(link.clone())];
        // The kernel has no `rp_filter` for IPv6.
        if self.vip.is_ipv4() {
            let links = links.into_iter();
            // Devices of this crate accept packets from any source, or receive no packets.
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

    /// Returns the tunnel endpoint: the address of this host that packets are sent to.
    async fn local_address(&self, host: &Host, tunnel: Tunnel) -> Result<IpAddr, Error> {
        let all = host.addresses().await?;
        if let Some(address) = tunnel.local_address() {
            let is_ours = |has: &Address| has.prefix.address() == address;
            return if all.iter().any(|status| is_ours(&status.address)) {
                Ok(address)
            } else {
                Err(Error::Conflict(Conflict::NotLocalAddress { address }))
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
            [] => Err(Error::Conflict(Conflict::NoTunnelAddress {
                device,
                family: self.vip.into(),
            })),
            [address] => Ok(*address),
            _ => Err(Error::Conflict(Conflict::SeveralTunnelAddresses {
                device,
                addresses,
            })),
        }
    }

    /// Returns advice about packets that do not fit through the tunnel, unless this host already
    /// announces the right segment size.
    async fn largest_packet(
        &self,
        host: &Host,
        tunnel: Tunnel,
        local: IpAddr,
    ) -> Result<Option<Want>, Error> {
        let mtu = host.link(&self.device).await?.mtu;
        let limit = TunnelMtu::of(tunnel, self.vip, local, mtu);
        let routes = host.routes().await?;
        let mut telling_more = limit.is_exceeded_by(&routes, self.vip);
        let remedy = telling_more.next().map(|route| limit.advertised_on(route));
        if remedy.is_none() && routes.iter().any(|route| route.is_default_for(self.vip)) {
            return Ok(None);
        }
        let advice = LargestPacket {
            decapsulation: tunnel.decapsulation(),
            device: self.device.clone(),
            mtu,
            largest: limit.packet,
            segment: limit.segment,
            remedy,
        };
        Ok(Some(Want::Advice(Step::LargestPacket { advice })))
    }
}
