use std::num::{NonZeroU16, NonZeroU32};

use ipvs_sys::DestAttr;
use ipvs_sys::constants::{
    IP_VS_CONN_F_BYPASS, IP_VS_CONN_F_DROUTE, IP_VS_CONN_F_FWD_MASK, IP_VS_CONN_F_LOCALNODE,
    IP_VS_CONN_F_MASQ, IP_VS_CONN_F_TUNNEL, IP_VS_CONN_F_TUNNEL_TYPE_GRE,
    IP_VS_CONN_F_TUNNEL_TYPE_GUE, IP_VS_CONN_F_TUNNEL_TYPE_IPIP, IP_VS_TUNNEL_ENCAP_FLAG_CSUM,
    IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM, IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM, IPVS_DEST_ATTR_STATS,
    IPVS_DEST_ATTR_STATS64,
};
use netlink_packet_core::{DecodeError, NlasIterator, Parseable};

use super::{family, once, required, stats, value};
use crate::{
    Destination, DestinationId, DestinationStatus, Encapsulation, Endpoint, Family, Forwarding,
    GreChecksum, GueChecksum,
};

/// What tells it from other destinations, and nothing more. The family always goes along: without
/// it the kernel reads the address in the service's.
pub(crate) fn identity(id: DestinationId) -> [DestAttr; 3] {
    [
        DestAttr::AddrFamily(family::to_number(id.family())),
        DestAttr::Addr(family::to_bytes(id.address)),
        DestAttr::Port(id.port_number()),
    ]
}

/// All of it, in the incumbent's order. The tunnel always goes along: replacing a destination
/// without it makes it IPIP.
pub(crate) fn to_attributes(destination: &Destination) -> [DestAttr; 10] {
    let (method, tunnel) = match destination.forwarding {
        Forwarding::Masquerade => (IP_VS_CONN_F_MASQ, Encapsulation::Ipip),
        Forwarding::Local => (IP_VS_CONN_F_LOCALNODE, Encapsulation::Ipip),
        Forwarding::Tunnel(tunnel) => (IP_VS_CONN_F_TUNNEL, tunnel),
        Forwarding::Direct => (IP_VS_CONN_F_DROUTE, Encapsulation::Ipip),
        Forwarding::Bypass => (IP_VS_CONN_F_BYPASS, Encapsulation::Ipip),
        Forwarding::Other(number) => (number.into(), Encapsulation::Ipip),
    };
    let (kind, port, flags) = tunnel_to_numbers(tunnel);
    let threshold = |threshold: Option<NonZeroU32>| threshold.map_or(0, NonZeroU32::get);

    let [family, address, port_number] = identity(destination.id);
    [
        family,
        address,
        port_number,
        DestAttr::FwdMethod(method),
        DestAttr::Weight(i32::try_from(destination.weight).unwrap_or(i32::MAX)),
        DestAttr::TunType(kind),
        DestAttr::TunPort(port),
        DestAttr::TunFlags(flags),
        DestAttr::UThresh(threshold(destination.upper_threshold)),
        DestAttr::LThresh(threshold(destination.lower_threshold)),
    ]
}

/// Kernels before 3.18 do not say the family of a destination: it is then the service's.
pub(crate) fn from_bytes(bytes: &[u8], service: Family) -> Result<DestinationStatus, DecodeError> {
    let (mut af, mut address, mut port) = (None, None, None);
    let (mut method, mut weight, mut upper, mut lower) = (None, None, None, None);
    let (mut tun_type, mut tun_port, mut tun_flags) = (None, None, None);
    let (mut active, mut inactive, mut persistent) = (None, None, None);
    let (mut stats32, mut stats64) = (None, None);
    for attribute in NlasIterator::new(bytes) {
        let attribute = attribute?;
        // Nests would be stored to be read: they are read where they stand.
        match attribute.kind() {
            IPVS_DEST_ATTR_STATS => {
                once(&mut stats32, value(attribute), "IPVS_DEST_ATTR_STATS")?;
                continue;
            }
            IPVS_DEST_ATTR_STATS64 => {
                once(&mut stats64, value(attribute), "IPVS_DEST_ATTR_STATS64")?;
                continue;
            }
            _ => {}
        }
        match DestAttr::parse(&attribute)? {
            DestAttr::AddrFamily(value) => once(&mut af, value, "IPVS_DEST_ATTR_ADDR_FAMILY"),
            DestAttr::Addr(value) => once(&mut address, value, "IPVS_DEST_ATTR_ADDR"),
            DestAttr::Port(value) => once(&mut port, value, "IPVS_DEST_ATTR_PORT"),
            DestAttr::FwdMethod(value) => once(&mut method, value, "IPVS_DEST_ATTR_FWD_METHOD"),
            DestAttr::Weight(value) => once(&mut weight, value, "IPVS_DEST_ATTR_WEIGHT"),
            DestAttr::UThresh(value) => once(&mut upper, value, "IPVS_DEST_ATTR_U_THRESH"),
            DestAttr::LThresh(value) => once(&mut lower, value, "IPVS_DEST_ATTR_L_THRESH"),
            DestAttr::TunType(value) => once(&mut tun_type, value, "IPVS_DEST_ATTR_TUN_TYPE"),
            DestAttr::TunPort(value) => once(&mut tun_port, value, "IPVS_DEST_ATTR_TUN_PORT"),
            DestAttr::TunFlags(value) => once(&mut tun_flags, value, "IPVS_DEST_ATTR_TUN_FLAGS"),
            DestAttr::ActiveConns(value) => once(&mut active, value, "IPVS_DEST_ATTR_ACTIVE_CONNS"),
            DestAttr::InactConns(value) => once(&mut inactive, value, "IPVS_DEST_ATTR_INACT_CONNS"),
            DestAttr::PersistConns(value) => {
                once(&mut persistent, value, "IPVS_DEST_ATTR_PERSIST_CONNS")
            }
            _ => Ok(()),
        }?;
    }

    let family = af
        .filter(|af| *af != 0)
        .map_or(Ok(service), family::from_number)?;
    let weight = required(weight, "IPVS_DEST_ATTR_WEIGHT")?;
    let tunnel = tunnel_from_numbers(
        tun_type.unwrap_or(IP_VS_CONN_F_TUNNEL_TYPE_IPIP),
        tun_port.unwrap_or(0),
        tun_flags.unwrap_or(IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM),
    );
    let destination = Destination {
        id: Endpoint::new(
            family::from_bytes(family, required(address, "IPVS_DEST_ATTR_ADDR")?),
            required(port, "IPVS_DEST_ATTR_PORT")?,
        ),
        forwarding: forwarding(required(method, "IPVS_DEST_ATTR_FWD_METHOD")?, tunnel),
        weight: u32::try_from(weight)
            .map_err(|_| format!("IPVS_DEST_ATTR_WEIGHT is negative: {weight}"))?,
        upper_threshold: NonZeroU32::new(required(upper, "IPVS_DEST_ATTR_U_THRESH")?),
        lower_threshold: NonZeroU32::new(required(lower, "IPVS_DEST_ATTR_L_THRESH")?),
    };
    Ok(DestinationStatus {
        destination,
        active_connections: required(active, "IPVS_DEST_ATTR_ACTIVE_CONNS")?,
        inactive_connections: required(inactive, "IPVS_DEST_ATTR_INACT_CONNS")?,
        persistent_connections: required(persistent, "IPVS_DEST_ATTR_PERSIST_CONNS")?,
        stats: stats::from_nests(stats32, stats64)?,
    })
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

/// Type, port and flags, as the kernel has them.
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

/// The kernel stores any numbers; those that mean nothing are kept as they are.
fn tunnel_from_numbers(kind: u8, port: u16, flags: u16) -> Encapsulation {
    let other = Encapsulation::Other { kind, port, flags };
    match (kind, NonZeroU16::new(port)) {
        // IPIP has neither port nor checksum: what stands there has no effect.
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
