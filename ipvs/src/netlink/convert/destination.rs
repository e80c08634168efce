use std::num::{NonZeroU16, NonZeroU32};

use ipvs_sys::constants::{
    IP_VS_CONN_F_BYPASS, IP_VS_CONN_F_DROUTE, IP_VS_CONN_F_FWD_MASK, IP_VS_CONN_F_LOCALNODE,
    IP_VS_CONN_F_MASQ, IP_VS_CONN_F_TUNNEL, IP_VS_CONN_F_TUNNEL_TYPE_GRE,
    IP_VS_CONN_F_TUNNEL_TYPE_GUE, IP_VS_CONN_F_TUNNEL_TYPE_IPIP, IP_VS_TUNNEL_ENCAP_FLAG_CSUM,
    IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM, IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM, IPVS_DEST_ATTR_STATS,
    IPVS_DEST_ATTR_STATS64,
};
use ipvs_sys::{Attribute, AttributeSpace, DestAttr};
use netlink_packet_core::DecodeError;

use super::{Put, family, once, required, stats};
use crate::{
    Destination, DestinationId, DestinationStatus, Encapsulation, Endpoint, Family, Forwarding,
    GreChecksum, GueChecksum,
};

/// Writes the identity of a destination. The family is always sent: without it, the kernel assumes the
/// family of the service.
#[inline]
pub(crate) fn put_identity(id: DestinationId, to: &mut impl Put<DestAttr>) {
    to.put(DestAttr::AddrFamily(family::to_number(id.family())));
    to.put(DestAttr::Addr(family::to_bytes(id.address)));
    to.put(DestAttr::Port(id.port_number()));
}

/// Writes a complete destination, in the order of `ipvsadm`. The tunnel is always sent: replacing a
/// destination without it sets the tunnel to IPIP.
#[inline]
pub(crate) fn put(destination: &Destination, to: &mut impl Put<DestAttr>) {
    let (method, tunnel) = match destination.forwarding {
        Forwarding::Masquerade => (IP_VS_CONN_F_MASQ, Encapsulation::Ipip),
        Forwarding::Local => (IP_VS_CONN_F_LOCALNODE, Encapsulation::Ipip),
        Forwarding::Tunnel(tunnel) => (IP_VS_CONN_F_TUNNEL, tunnel),
        Forwarding::Direct => (IP_VS_CONN_F_DROUTE, Encapsulation::Ipip),
        Forwarding::Bypass => (IP_VS_CONN_F_BYPASS, Encapsulation::Ipip),
        Forwarding::Other(number) => (number.into(), Encapsulation::Ipip),
    };
    let (kind, port, flags) = tunnel_to_numbers(tunnel);
    let weight = i32::try_from(destination.weight).unwrap_or(i32::MAX);
    let threshold = |threshold: Option<NonZeroU32>| threshold.map_or(0, NonZeroU32::get);

    put_identity(destination.id, to);
    to.put(DestAttr::FwdMethod(method));
    to.put(DestAttr::Weight(weight));
    to.put(DestAttr::TunType(kind));
    to.put(DestAttr::TunPort(port));
    to.put(DestAttr::TunFlags(flags));
    to.put(DestAttr::UThresh(threshold(destination.upper_threshold)));
    to.put(DestAttr::LThresh(threshold(destination.lower_threshold)));
}

/// The attributes of a received destination. A request that only identifies one has fewer than an
/// answer.
#[derive(Default)]
pub(crate) struct Attributes<'a> {
    af: Option<u16>,
    address: Option<[u8; 16]>,
    port: Option<u16>,
    method: Option<u32>,
    weight: Option<i32>,
    upper: Option<u32>,
    lower: Option<u32>,
    tun_type: Option<u8>,
    tun_port: Option<u16>,
    tun_flags: Option<u16>,
    active: Option<u32>,
    inactive: Option<u32>,
    persistent: Option<u32>,
    stats32: Option<&'a [u8]>,
    stats64: Option<&'a [u8]>,
}

impl<'a> Attributes<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut read = Self::default();
        for attribute in ipvs_sys::Attributes::of(bytes) {
            read.take(attribute?)?;
        }
        Ok(read)
    }

    fn take(&mut self, attribute: Attribute<'a>) -> Result<(), DecodeError> {
        // Nests are decoded in place instead of being stored first.
        match attribute.kind {
            IPVS_DEST_ATTR_STATS => {
                return once(&mut self.stats32, attribute.value, "IPVS_DEST_ATTR_STATS");
            }
            IPVS_DEST_ATTR_STATS64 => {
                return once(&mut self.stats64, attribute.value, "IPVS_DEST_ATTR_STATS64");
            }
            _ => {}
        }
        let read = DestAttr::read(attribute);
        let kept = match &read {
            Ok(DestAttr::AddrFamily(it)) => once(&mut self.af, *it, "IPVS_DEST_ATTR_ADDR_FAMILY"),
            Ok(DestAttr::Addr(it)) => once(&mut self.address, *it, "IPVS_DEST_ATTR_ADDR"),
            Ok(DestAttr::Port(it)) => once(&mut self.port, *it, "IPVS_DEST_ATTR_PORT"),
            Ok(DestAttr::FwdMethod(it)) => once(&mut self.method, *it, "IPVS_DEST_ATTR_FWD_METHOD"),
            Ok(DestAttr::Weight(it)) => once(&mut self.weight, *it, "IPVS_DEST_ATTR_WEIGHT"),
            Ok(DestAttr::UThresh(it)) => once(&mut self.upper, *it, "IPVS_DEST_ATTR_U_THRESH"),
            Ok(DestAttr::LThresh(it)) => once(&mut self.lower, *it, "IPVS_DEST_ATTR_L_THRESH"),
            Ok(DestAttr::TunType(it)) => once(&mut self.tun_type, *it, "IPVS_DEST_ATTR_TUN_TYPE"),
            Ok(DestAttr::TunPort(it)) => once(&mut self.tun_port, *it, "IPVS_DEST_ATTR_TUN_PORT"),
            Ok(DestAttr::TunFlags(it)) => {
                once(&mut self.tun_flags, *it, "IPVS_DEST_ATTR_TUN_FLAGS")
            }
            Ok(DestAttr::ActiveConns(it)) => {
                once(&mut self.active, *it, "IPVS_DEST_ATTR_ACTIVE_CONNS")
            }
            Ok(DestAttr::InactConns(it)) => {
                once(&mut self.inactive, *it, "IPVS_DEST_ATTR_INACT_CONNS")
            }
            Ok(DestAttr::PersistConns(it)) => {
                once(&mut self.persistent, *it, "IPVS_DEST_ATTR_PERSIST_CONNS")
            }
            _ => return read.map(drop),
        };
        // The stored value is a number and needs no drop, which the compiler does not see.
        std::mem::forget(read);
        kept
    }

    /// Returns the identity.
    pub(crate) fn id(&self, service: Family) -> Result<DestinationId, DecodeError> {
        let family = self
            .af
            .filter(|af| *af != 0)
            .map_or(Ok(service), family::from_number)?;
        Ok(Endpoint::new(
            family::from_bytes(family, required(self.address, "IPVS_DEST_ATTR_ADDR")?),
            required(self.port, "IPVS_DEST_ATTR_PORT")?,
        ))
    }

    /// Returns the configuration and the statistics.
    pub(crate) fn status(&self, service: Family) -> Result<DestinationStatus, DecodeError> {
        Ok(DestinationStatus {
            destination: self.configuration(service)?,
            active_connections: required(self.active, "IPVS_DEST_ATTR_ACTIVE_CONNS")?,
            inactive_connections: required(self.inactive, "IPVS_DEST_ATTR_INACT_CONNS")?,
            persistent_connections: required(self.persistent, "IPVS_DEST_ATTR_PERSIST_CONNS")?,
            stats: stats::from_nests(self.stats32, self.stats64)?,
        })
    }

    /// Returns the configuration. Kernels before 3.18 do not send the family of a destination, which is then
    /// that of the service.
    pub(crate) fn configuration(&self, service: Family) -> Result<Destination, DecodeError> {
        let weight = required(self.weight, "IPVS_DEST_ATTR_WEIGHT")?;
        let method = required(self.method, "IPVS_DEST_ATTR_FWD_METHOD")?;
        Ok(Destination {
            id: self.id(service)?,
            forwarding: forwarding(method, self.tunnel()),
            weight: u32::try_from(weight)
                .map_err(|_| format!("IPVS_DEST_ATTR_WEIGHT is negative: {weight}"))?,
            upper_threshold: NonZeroU32::new(required(self.upper, "IPVS_DEST_ATTR_U_THRESH")?),
            lower_threshold: NonZeroU32::new(required(self.lower, "IPVS_DEST_ATTR_L_THRESH")?),
        })
    }

    fn tunnel(&self) -> Encapsulation {
        tunnel_from_numbers(
            self.tun_type.unwrap_or(IP_VS_CONN_F_TUNNEL_TYPE_IPIP),
            self.tun_port.unwrap_or(0),
            self.tun_flags.unwrap_or(IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM),
        )
    }
}

fn forwarding(method: u32, tunnel: Encapsulation) -> Forwarding {
    match method & IP_VS_CONN_F_FWD_MASK {
        IP_VS_CONN_F_MASQ => Forwarding::Masquerade,
        IP_VS_CONN_F_LOCALNODE => Forwarding::Local,
        IP_VS_CONN_F_TUNNEL => Forwarding::Tunnel(tunnel),
        IP_VS_CONN_F_DROUTE => Forwarding::Direct,
        IP_VS_CONN_F_BYPASS => Forwarding::Bypass,
        unknown => Forwarding::Other(u8::try_from(unknown).unwrap_or(u8::MAX)),
    }
}

/// The tunnel type, port and flags, as the kernel stores them.
fn tunnel_to_numbers(tunnel: Encapsulation) -> (u8, u16, u16) {
    match tunnel {
        Encapsulation::Ipip => (
            IP_VS_CONN_F_TUNNEL_TYPE_IPIP,
            0,
            IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM,
        ),
        Encapsulation::Gue { port, checksum } => (
            IP_VS_CONN_F_TUNNEL_TYPE_GUE,
            port.get(),
            match checksum {
                GueChecksum::None => IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM,
                GueChecksum::Full => IP_VS_TUNNEL_ENCAP_FLAG_CSUM,
                GueChecksum::Remote => IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM,
            },
        ),
        Encapsulation::Gre { checksum } => (
            IP_VS_CONN_F_TUNNEL_TYPE_GRE,
            0,
            match checksum {
                GreChecksum::None => IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM,
                GreChecksum::Full => IP_VS_TUNNEL_ENCAP_FLAG_CSUM,
            },
        ),
        Encapsulation::Other { kind, port, flags } => (kind, port, flags),
    }
}

/// The kernel stores any numbers. Numbers without a meaning are kept as they are.
fn tunnel_from_numbers(kind: u8, port: u16, flags: u16) -> Encapsulation {
    let other = Encapsulation::Other { kind, port, flags };
    match (kind, NonZeroU16::new(port)) {
        // IPIP has neither port nor checksum, so these values have no effect.
        (IP_VS_CONN_F_TUNNEL_TYPE_IPIP, _) => Encapsulation::Ipip,
        (IP_VS_CONN_F_TUNNEL_TYPE_GUE, Some(port)) => match flags {
            IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM => Encapsulation::Gue {
                port,
                checksum: GueChecksum::None,
            },
            IP_VS_TUNNEL_ENCAP_FLAG_CSUM => Encapsulation::Gue {
                port,
                checksum: GueChecksum::Full,
            },
            IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM => Encapsulation::Gue {
                port,
                checksum: GueChecksum::Remote,
            },
            _ => other,
        },
        (IP_VS_CONN_F_TUNNEL_TYPE_GRE, _) => match flags {
            IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM => Encapsulation::Gre {
                checksum: GreChecksum::None,
            },
            IP_VS_TUNNEL_ENCAP_FLAG_CSUM => Encapsulation::Gre {
                checksum: GreChecksum::Full,
            },
            _ => other,
        },
        _ => other,
    }
}
