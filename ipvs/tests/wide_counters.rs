//! Counters beyond 32 bits in what a kernel answers about a destination: packets and connections do
//! not get there in the time of a test on a kernel.

#![cfg(target_endian = "little")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod common;

use common::{answered, attribute, attributes, hex, joined, web};
use ipvs::{DestinationStatus, Stats, StatsWidth};

/// 198.51.100.2:8080, masqueraded, of weight 0 (Linux 6.1, x86-64); cut where its counters begin.
const DESTINATION: &str = "
    05010000 50010200
      14000100c6336402000000000000000000000000 060002001f900000 0800030000000000 0800040000000000
      05000d0000000000 06000e0000000000 06000f0000000000 0800050000000000 0800060000000000
      0800070000000000 0800080000000000 0800090000000000 06000b0002000000";

const ACTIVE_CONNECTIONS: u16 = 7;
const PERSISTENT_CONNECTIONS: u16 = 9;
const STATS: u16 = 10;
const STATS64: u16 = 12;
/// Bytes in and out have 64 bits in either nest.
const BYTES: [u16; 2] = [4, 5];

/// Each different, and each with something in all of its bytes.
fn wide(kind: u16) -> u64 {
    0xf1e2_d3c4_b5a6_9700 + u64::from(kind)
}

/// The destination with these attributes instead of its own of their kinds.
fn read(instead: Vec<(u16, Vec<u8>)>) -> DestinationStatus {
    let captured = hex(DESTINATION);
    let mut nested = attributes(&captured[8..]);
    nested.retain(|(kind, _)| instead.iter().all(|(other, _)| other != kind));
    nested.extend(instead);
    let answer = [&captured[..4], &attribute(2, &joined(&nested))].concat();
    answered(answer).destinations(web()).unwrap().remove(0)
}

fn numbers(stats: &Stats) -> [u64; 10] {
    let rates = &stats.rates;
    [
        stats.connections,
        stats.incoming_packets,
        stats.outgoing_packets,
        stats.incoming_bytes,
        stats.outgoing_bytes,
        rates.connections_per_second,
        rates.incoming_packets_per_second,
        rates.outgoing_packets_per_second,
        rates.incoming_bytes_per_second,
        rates.outgoing_bytes_per_second,
    ]
}

fn wide_counters() -> (u16, Vec<u8>) {
    let of_one = |kind| (kind, wide(kind).to_ne_bytes().to_vec());
    (STATS64, joined(&(1..=10).map(of_one).collect::<Vec<_>>()))
}

fn narrow_counters() -> (u16, Vec<u8>) {
    let of_one = |kind: u16| {
        let number = if BYTES.contains(&kind) {
            wide(kind).to_ne_bytes().to_vec()
        } else {
            (u32::MAX - u32::from(kind)).to_ne_bytes().to_vec()
        };
        (kind, number)
    };
    (STATS, joined(&(1..=10).map(of_one).collect::<Vec<_>>()))
}

#[test]
fn those_of_a_destination_are_not_cut_to_32_bits() {
    let wanted: Vec<_> = (1..=10).map(wide).collect();
    for counters in [
        vec![wide_counters()],
        vec![narrow_counters(), wide_counters()],
        vec![wide_counters(), narrow_counters()],
    ] {
        let stats = read(counters).stats;
        assert_eq!(numbers(&stats)[..], wanted);
        assert_eq!(stats.width, StatsWidth::Bits64);
    }
}

#[test]
fn where_there_are_32_bits_all_of_them_are_read_and_bytes_have_64() {
    let stats = read(vec![narrow_counters()]).stats;
    let wanted = (1..=10).map(|kind| {
        if BYTES.contains(&kind) {
            wide(kind)
        } else {
            u64::from(u32::MAX - u32::from(kind))
        }
    });
    assert_eq!(numbers(&stats)[..], wanted.collect::<Vec<_>>());
    assert_eq!(stats.width, StatsWidth::Bits32);
}

#[test]
fn connections_of_a_destination_have_all_32_bits() {
    let number = |number: u32| number.to_ne_bytes().to_vec();
    let found = read(vec![
        wide_counters(),
        (ACTIVE_CONNECTIONS, number(0x8000_0000)),
        (PERSISTENT_CONNECTIONS, number(u32::MAX)),
    ]);
    assert_eq!(found.active_connections, 0x8000_0000);
    assert_eq!(found.persistent_connections, u32::MAX);
    assert_eq!(found.inactive_connections, 0);
}
