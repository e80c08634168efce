//! Requests about destinations.

use std::net::IpAddr;

use ipvs_sys::constants::{
    IP_VS_CONN_F_FWD_MASK, IP_VS_CONN_F_TUNNEL, IP_VS_CONN_F_TUNNEL_TYPE_GUE,
};
use ipvs_sys::{CmdAttr, Command, DestAttr, Errno, IpvsMessage};

use super::attributes::Attributes;
use super::state::{Destination, Forwarding, State, Traffic};
use super::stats;
use crate::netlink::convert::family;
use crate::{DestinationId, Endpoint, Family};

/// A destination as the client sent it.
#[derive(Default)]
struct Sent {
    address: Option<[u8; 16]>,
    port: Option<u16>,
    af: Option<u16>,
    method: Option<u32>,
    weight: Option<i32>,
    upper: Option<u32>,
    lower: Option<u32>,
    /// A missing attribute means 0, also when it replaces another value.
    tunnel: (u8, u16, u16),
}

impl Sent {
    fn parse(attributes: &Attributes) -> Result<Self, Errno> {
        let mut sent = Self::default();
        for attribute in attributes.destination.as_ref().ok_or(Errno::EINVAL)? {
            match attribute {
                DestAttr::Addr(value) => sent.address = Some(*value),
                DestAttr::Port(value) => sent.port = Some(*value),
                DestAttr::AddrFamily(value) => sent.af = Some(*value),
                DestAttr::FwdMethod(value) => sent.method = Some(*value),
                DestAttr::Weight(value) => sent.weight = Some(*value),
                DestAttr::UThresh(value) => sent.upper = Some(*value),
                DestAttr::LThresh(value) => sent.lower = Some(*value),
                DestAttr::TunType(value) => sent.tunnel.0 = *value,
                DestAttr::TunPort(value) => sent.tunnel.1 = *value,
                DestAttr::TunFlags(value) => sent.tunnel.2 = *value,
                _ => {}
            }
        }
        Ok(sent)
    }

    fn endpoint(&self) -> Result<([u8; 16], u16), Errno> {
        self.address.zip(self.port).ok_or(Errno::EINVAL)
    }

    fn forwarding(&self) -> Result<Forwarding, Errno> {
        self.endpoint()?;
        let (Some(method), Some(weight), Some(upper), Some(lower)) =
            (self.method, self.weight, self.upper, self.lower)
        else {
            return Err(Errno::EINVAL);
        };
        let (tunnel_type, tunnel_port, tunnel_flags) = self.tunnel;
        Ok(Forwarding {
            method: method & IP_VS_CONN_F_FWD_MASK,
            weight,
            upper_threshold: upper,
            lower_threshold: lower,
            tunnel_type,
            tunnel_port,
            tunnel_flags,
        })
    }

    /// Without a family attribute, the address has the family of the service.
    fn id(&self, state: &State, service: Family) -> Result<DestinationId, Errno> {
        let (address, port) = self.endpoint()?;
        let af = self.af.filter(|af| *af != 0);
        let family = state.family(af.unwrap_or_else(|| family::to_number(service)))?;
        Ok(Endpoint::new(family::from_bytes(family, address), port))
    }
}

impl State {
    pub(super) fn add_destination(&mut self, attributes: &Attributes) -> Result<(), Errno> {
        let (id, forwarding) = self.wanted(attributes)?;
        let service = self.existing_mut(attributes)?;
        if service.destination_mut(id).is_some() {
            return Err(Errno::EEXIST);
        }
        if !can_be_reached(id.address) {
            return Err(Errno::EINVAL);
        }
        service.destinations.push_front(Destination {
            id,
            forwarding,
            traffic: Traffic::default(),
        });
        Ok(())
    }

    pub(super) fn update_destination(&mut self, attributes: &Attributes) -> Result<(), Errno> {
        let (id, forwarding) = self.wanted(attributes)?;
        let service = self.existing_mut(attributes)?;
        let destination = service.destination_mut(id).ok_or(Errno::ENOENT)?;
        destination.forwarding = forwarding;
        Ok(())
    }

    pub(super) fn delete_destination(&mut self, attributes: &Attributes) -> Result<(), Errno> {
        let service = self.existing(attributes)?.id.family();
        let id = Sent::parse(attributes)?.id(self, service)?;
        let destinations = &mut self.existing_mut(attributes)?.destinations;
        let place = destinations.iter().position(|it| it.id == id);
        destinations.remove(place.ok_or(Errno::ENOENT)?);
        Ok(())
    }

    /// A complete and valid destination.
    fn wanted(&self, attributes: &Attributes) -> Result<(DestinationId, Forwarding), Errno> {
        let service = self.existing(attributes)?.id.family();
        let sent = Sent::parse(attributes)?;
        let forwarding = sent.forwarding()?;
        let id = sent.id(self, service)?;
        let is_mixed = id.family() != service;
        let syncs = self.table.master.is_some() || self.table.backup.is_some();
        if is_mixed && (syncs || forwarding.method != IP_VS_CONN_F_TUNNEL) {
            return Err(Errno::EINVAL);
        }
        if forwarding.weight < 0 || forwarding.lower_threshold > forwarding.upper_threshold {
            return Err(Errno::ERANGE);
        }
        if forwarding.tunnel_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE && forwarding.tunnel_port == 0 {
            return Err(Errno::EINVAL);
        }
        Ok((id, forwarding))
    }
}

/// Whether the kernel considers an address unicast or local, if `lo` is up.
fn can_be_reached(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let broadcasts = [[0; 4], [255; 4], [127, 255, 255, 255]];
            !v4.is_multicast() && !broadcasts.contains(&v4.octets())
        }
        IpAddr::V6(v6) => {
            !v6.is_unspecified()
                && !v6.is_multicast()
                && !v6.is_unicast_link_local()
                && v6.to_ipv4_mapped().is_none()
        }
    }
}

impl Destination {
    pub(super) fn message(&self) -> IpvsMessage {
        let forwarding = &self.forwarding;
        let traffic = &self.traffic;
        let attributes = vec![
            DestAttr::Addr(family::to_bytes(self.id.address)),
            DestAttr::Port(self.id.port_number()),
            DestAttr::FwdMethod(forwarding.method),
            DestAttr::Weight(forwarding.weight),
            DestAttr::TunType(forwarding.tunnel_type),
            DestAttr::TunPort(forwarding.tunnel_port),
            DestAttr::TunFlags(forwarding.tunnel_flags),
            DestAttr::UThresh(forwarding.upper_threshold),
            DestAttr::LThresh(forwarding.lower_threshold),
            DestAttr::ActiveConns(traffic.active_connections),
            DestAttr::InactConns(traffic.inactive_connections),
            DestAttr::PersistConns(traffic.persistent_connections),
            DestAttr::AddrFamily(family::to_number(self.id.family())),
            DestAttr::Stats(stats::narrow(&traffic.stats)),
            DestAttr::Stats64(stats::wide(&traffic.stats)),
        ];
        IpvsMessage::new(Command::NewDest, vec![CmdAttr::Dest(attributes)])
    }
}
