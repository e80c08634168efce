//! Encodes statistics in both widths.

use ipvs_sys::{Stats64Attr, StatsAttr};

use crate::Stats;

pub(super) fn wide(stats: &Stats) -> Vec<Stats64Attr> {
    let rates = &stats.rates;
    vec![
        Stats64Attr::Conns(stats.connections),
        Stats64Attr::InPkts(stats.incoming_packets),
        Stats64Attr::OutPkts(stats.outgoing_packets),
        Stats64Attr::InBytes(stats.incoming_bytes),
        Stats64Attr::OutBytes(stats.outgoing_bytes),
        Stats64Attr::Cps(rates.connections_per_second),
        Stats64Attr::InPps(rates.incoming_packets_per_second),
        Stats64Attr::OutPps(rates.outgoing_packets_per_second),
        Stats64Attr::InBps(rates.incoming_bytes_per_second),
        Stats64Attr::OutBps(rates.outgoing_bytes_per_second),
    ]
}

/// The kernel truncates to the lower 32 bits.
pub(super) fn narrow(stats: &Stats) -> Vec<StatsAttr> {
    let low = |number: u64| {
        let [a, b, c, d, ..] = number.to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    };
    let rates = &stats.rates;
    vec![
        StatsAttr::Conns(low(stats.connections)),
        StatsAttr::InPkts(low(stats.incoming_packets)),
        StatsAttr::OutPkts(low(stats.outgoing_packets)),
        StatsAttr::InBytes(stats.incoming_bytes),
        StatsAttr::OutBytes(stats.outgoing_bytes),
        StatsAttr::Cps(low(rates.connections_per_second)),
        StatsAttr::InPps(low(rates.incoming_packets_per_second)),
        StatsAttr::OutPps(low(rates.outgoing_packets_per_second)),
        StatsAttr::InBps(low(rates.incoming_bytes_per_second)),
        StatsAttr::OutBps(low(rates.outgoing_bytes_per_second)),
    ]
}
