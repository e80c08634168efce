use ipvs_sys::{AttributeSpace, Attributes, Stats64Attr, StatsAttr};
use netlink_packet_core::DecodeError;

use crate::{Stats, StatsWidth};

/// Decodes the 64-bit statistics if there are any (since 4.1), otherwise the 32-bit ones.
pub(crate) fn from_nests(narrow: Option<&[u8]>, wide: Option<&[u8]>) -> Result<Stats, DecodeError> {
    match (wide, narrow) {
        (Some(wide), _) => from_wide(wide),
        (None, Some(narrow)) => from_narrow(narrow),
        (None, None) => Err("neither STATS64 nor STATS came".into()),
    }
}

fn from_wide(bytes: &[u8]) -> Result<Stats, DecodeError> {
    let mut stats = Stats {
        width: StatsWidth::Bits64,
        ..Stats::default()
    };
    for attribute in Attributes::of(bytes) {
        match Stats64Attr::read(attribute?)? {
            Stats64Attr::Conns(value) => stats.connections = value,
            Stats64Attr::InPkts(value) => stats.incoming_packets = value,
            Stats64Attr::OutPkts(value) => stats.outgoing_packets = value,
            Stats64Attr::InBytes(value) => stats.incoming_bytes = value,
            Stats64Attr::OutBytes(value) => stats.outgoing_bytes = value,
            Stats64Attr::Cps(value) => stats.rates.connections_per_second = value,
            Stats64Attr::InPps(value) => stats.rates.incoming_packets_per_second = value,
            Stats64Attr::OutPps(value) => stats.rates.outgoing_packets_per_second = value,
            Stats64Attr::InBps(value) => stats.rates.incoming_bytes_per_second = value,
            Stats64Attr::OutBps(value) => stats.rates.outgoing_bytes_per_second = value,
            _ => {}
        }
    }
    Ok(stats)
}

fn from_narrow(bytes: &[u8]) -> Result<Stats, DecodeError> {
    let mut stats = Stats {
        width: StatsWidth::Bits32,
        ..Stats::default()
    };
    for attribute in Attributes::of(bytes) {
        match StatsAttr::read(attribute?)? {
            StatsAttr::Conns(value) => stats.connections = value.into(),
            StatsAttr::InPkts(value) => stats.incoming_packets = value.into(),
            StatsAttr::OutPkts(value) => stats.outgoing_packets = value.into(),
            StatsAttr::InBytes(value) => stats.incoming_bytes = value,
            StatsAttr::OutBytes(value) => stats.outgoing_bytes = value,
            StatsAttr::Cps(value) => stats.rates.connections_per_second = value.into(),
            StatsAttr::InPps(value) => stats.rates.incoming_packets_per_second = value.into(),
            StatsAttr::OutPps(value) => stats.rates.outgoing_packets_per_second = value.into(),
            StatsAttr::InBps(value) => stats.rates.incoming_bytes_per_second = value.into(),
            StatsAttr::OutBps(value) => stats.rates.outgoing_bytes_per_second = value.into(),
            _ => {}
        }
    }
    Ok(stats)
}
