//! Every attribute, one line each: its number in `linux/ip_vs.h` is its place in the table, its
//! name is the kernel's, its value has these bytes. Nothing here comes from the tables under test.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Space, attribute, emitted, ipv4, number, parse_attribute};
use ipvs_sys::constants;
use ipvs_sys::{
    CmdAttr, DaemonAttr, DestAttr, InfoAttr, ServiceFlags, Stats64Attr, StatsAttr, SvcAttr,
};
use netlink_packet_core::DefaultNla;

/// One attribute.
struct Row<A> {
    name: &'static str,
    constant: u16,
    value: A,
    bytes: Vec<u8>,
    shape: Shape,
}

/// A space: how it keeps what it does not know, and every attribute that it knows.
struct Table<A> {
    other: fn(DefaultNla) -> A,
    rows: Vec<Row<A>>,
}

/// Which lengths a value can have.
#[derive(PartialEq)]
enum Shape {
    /// The one of the bytes beside it.
    Fixed,
    /// 4 or 16.
    Address,
    /// Any that is text.
    Text,
    /// Any that is a list of attributes.
    Nest,
    /// Any; the value does not count.
    Nothing,
}

/// `row!(Space::Variant(value), NUMBER, bytes of the value, shape)`; without a shape it is fixed.
macro_rules! row {
    ($value:expr, $constant:ident, $bytes:expr) => {
        row!($value, $constant, $bytes, Shape::Fixed)
    };
    ($value:expr, $constant:ident, $bytes:expr, $shape:expr) => {
        Row {
            name: stringify!($constant),
            constant: constants::$constant,
            value: $value,
            bytes: $bytes.to_vec(),
            shape: $shape,
        }
    };
}

const ADDRESS: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

fn native16() -> [u8; 2] {
    0x1234u16.to_ne_bytes()
}

fn native32() -> [u8; 4] {
    0x1234_5678u32.to_ne_bytes()
}

fn native64() -> [u8; 8] {
    0x1234_5678_9abc_def0u64.to_ne_bytes()
}

#[rustfmt::skip]
fn commands() -> Table<CmdAttr> {
    let nest = attribute(1, &native16());
    let nest32 = attribute(1, &native32());
    let nest_address = attribute(1, &ADDRESS);
    let rows = vec![
        row!(CmdAttr::Service(vec![SvcAttr::Af(0x1234)]), IPVS_CMD_ATTR_SERVICE, nest, Shape::Nest),
        row!(CmdAttr::Dest(vec![DestAttr::Addr(ADDRESS)]), IPVS_CMD_ATTR_DEST, nest_address, Shape::Nest),
        row!(CmdAttr::Daemon(vec![DaemonAttr::State(0x1234_5678)]), IPVS_CMD_ATTR_DAEMON, nest32, Shape::Nest),
        row!(CmdAttr::TimeoutTcp(0x1234_5678), IPVS_CMD_ATTR_TIMEOUT_TCP, native32()),
        row!(CmdAttr::TimeoutTcpFin(0x1234_5678), IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, native32()),
        row!(CmdAttr::TimeoutUdp(0x1234_5678), IPVS_CMD_ATTR_TIMEOUT_UDP, native32()),
    ];
    Table { other: CmdAttr::Other, rows }
}

#[rustfmt::skip]
fn services() -> Table<SvcAttr> {
    let flags = ServiceFlags { flags: 0x1234_5678, mask: 0x9abc_def0 };
    let flag_bytes = [native32(), 0x9abc_def0u32.to_ne_bytes()].concat();
    let stats = attribute(1, &native32());
    let stats64 = attribute(1, &native64());
    let rows = vec![
        row!(SvcAttr::Af(0x1234), IPVS_SVC_ATTR_AF, native16()),
        row!(SvcAttr::Protocol(0x1234), IPVS_SVC_ATTR_PROTOCOL, native16()),
        row!(SvcAttr::Addr(ADDRESS), IPVS_SVC_ATTR_ADDR, ADDRESS, Shape::Address),
        row!(SvcAttr::Port(0x1234), IPVS_SVC_ATTR_PORT, [0x12, 0x34]),
        row!(SvcAttr::Fwmark(0x1234_5678), IPVS_SVC_ATTR_FWMARK, native32()),
        row!(SvcAttr::SchedName("wlc".into()), IPVS_SVC_ATTR_SCHED_NAME, b"wlc\0", Shape::Text),
        row!(SvcAttr::Flags(flags), IPVS_SVC_ATTR_FLAGS, flag_bytes),
        row!(SvcAttr::Timeout(0x1234_5678), IPVS_SVC_ATTR_TIMEOUT, native32()),
        row!(SvcAttr::Netmask([255, 254, 253, 252]), IPVS_SVC_ATTR_NETMASK, [255, 254, 253, 252]),
        row!(SvcAttr::Stats(vec![StatsAttr::Conns(0x1234_5678)]), IPVS_SVC_ATTR_STATS, stats, Shape::Nest),
        row!(SvcAttr::PeName("sip".into()), IPVS_SVC_ATTR_PE_NAME, b"sip\0", Shape::Text),
        row!(SvcAttr::Stats64(vec![Stats64Attr::Conns(0x1234_5678_9abc_def0)]), IPVS_SVC_ATTR_STATS64, stats64, Shape::Nest),
    ];
    Table { other: SvcAttr::Other, rows }
}

#[rustfmt::skip]
fn destinations() -> Table<DestAttr> {
    let stats = attribute(1, &native32());
    let stats64 = attribute(1, &native64());
    let rows = vec![
        row!(DestAttr::Addr(ADDRESS), IPVS_DEST_ATTR_ADDR, ADDRESS, Shape::Address),
        row!(DestAttr::Port(0x1234), IPVS_DEST_ATTR_PORT, [0x12, 0x34]),
        row!(DestAttr::FwdMethod(0x1234_5678), IPVS_DEST_ATTR_FWD_METHOD, native32()),
        row!(DestAttr::Weight(-2), IPVS_DEST_ATTR_WEIGHT, 0xffff_fffeu32.to_ne_bytes()),
        row!(DestAttr::UThresh(0x1234_5678), IPVS_DEST_ATTR_U_THRESH, native32()),
        row!(DestAttr::LThresh(0x1234_5678), IPVS_DEST_ATTR_L_THRESH, native32()),
        row!(DestAttr::ActiveConns(0x1234_5678), IPVS_DEST_ATTR_ACTIVE_CONNS, native32()),
        row!(DestAttr::InactConns(0x1234_5678), IPVS_DEST_ATTR_INACT_CONNS, native32()),
        row!(DestAttr::PersistConns(0x1234_5678), IPVS_DEST_ATTR_PERSIST_CONNS, native32()),
        row!(DestAttr::Stats(vec![StatsAttr::Conns(0x1234_5678)]), IPVS_DEST_ATTR_STATS, stats, Shape::Nest),
        row!(DestAttr::AddrFamily(0x1234), IPVS_DEST_ATTR_ADDR_FAMILY, native16()),
        row!(DestAttr::Stats64(vec![Stats64Attr::Conns(0x1234_5678_9abc_def0)]), IPVS_DEST_ATTR_STATS64, stats64, Shape::Nest),
        row!(DestAttr::TunType(0x12), IPVS_DEST_ATTR_TUN_TYPE, [0x12]),
        row!(DestAttr::TunPort(0x1234), IPVS_DEST_ATTR_TUN_PORT, [0x12, 0x34]),
        row!(DestAttr::TunFlags(0x1234), IPVS_DEST_ATTR_TUN_FLAGS, native16()),
    ];
    Table { other: DestAttr::Other, rows }
}

#[rustfmt::skip]
fn daemons() -> Table<DaemonAttr> {
    let rows = vec![
        row!(DaemonAttr::State(0x1234_5678), IPVS_DAEMON_ATTR_STATE, native32()),
        row!(DaemonAttr::McastIfn("eth0".into()), IPVS_DAEMON_ATTR_MCAST_IFN, b"eth0\0", Shape::Text),
        row!(DaemonAttr::SyncId(0x1234_5678), IPVS_DAEMON_ATTR_SYNC_ID, native32()),
        row!(DaemonAttr::SyncMaxlen(0x1234), IPVS_DAEMON_ATTR_SYNC_MAXLEN, native16()),
        row!(DaemonAttr::McastGroup([224, 0, 0, 81]), IPVS_DAEMON_ATTR_MCAST_GROUP, [224, 0, 0, 81]),
        row!(DaemonAttr::McastGroup6(ADDRESS), IPVS_DAEMON_ATTR_MCAST_GROUP6, ADDRESS),
        row!(DaemonAttr::McastPort(0x1234), IPVS_DAEMON_ATTR_MCAST_PORT, native16()),
        row!(DaemonAttr::McastTtl(0x12), IPVS_DAEMON_ATTR_MCAST_TTL, [0x12]),
    ];
    Table { other: DaemonAttr::Other, rows }
}

/// The two spaces of statistics differ in the width of their values alone.
macro_rules! statistics {
    ($space:ident, $narrow:expr => $narrow_bytes:expr, $wide:expr => $wide_bytes:expr) => {
        vec![
            row!($space::Conns($narrow), IPVS_STATS_ATTR_CONNS, $narrow_bytes),
            row!(
                $space::InPkts($narrow),
                IPVS_STATS_ATTR_INPKTS,
                $narrow_bytes
            ),
            row!(
                $space::OutPkts($narrow),
                IPVS_STATS_ATTR_OUTPKTS,
                $narrow_bytes
            ),
            row!($space::InBytes($wide), IPVS_STATS_ATTR_INBYTES, $wide_bytes),
            row!(
                $space::OutBytes($wide),
                IPVS_STATS_ATTR_OUTBYTES,
                $wide_bytes
            ),
            row!($space::Cps($narrow), IPVS_STATS_ATTR_CPS, $narrow_bytes),
            row!($space::InPps($narrow), IPVS_STATS_ATTR_INPPS, $narrow_bytes),
            row!(
                $space::OutPps($narrow),
                IPVS_STATS_ATTR_OUTPPS,
                $narrow_bytes
            ),
            row!($space::InBps($narrow), IPVS_STATS_ATTR_INBPS, $narrow_bytes),
            row!(
                $space::OutBps($narrow),
                IPVS_STATS_ATTR_OUTBPS,
                $narrow_bytes
            ),
            row!($space::Pad(()), IPVS_STATS_ATTR_PAD, [], Shape::Nothing),
        ]
    };
}

fn stats() -> Table<StatsAttr> {
    const WIDE: u64 = 0x1234_5678_9abc_def0;
    let rows = statistics!(StatsAttr, 0x1234_5678 => native32(), WIDE => native64());
    Table {
        other: StatsAttr::Other,
        rows,
    }
}

fn stats64() -> Table<Stats64Attr> {
    const WIDE: u64 = 0x1234_5678_9abc_def0;
    let rows = statistics!(Stats64Attr, WIDE => native64(), WIDE => native64());
    Table {
        other: Stats64Attr::Other,
        rows,
    }
}

#[rustfmt::skip]
fn infos() -> Table<InfoAttr> {
    let rows = vec![
        row!(InfoAttr::Version(0x1234_5678), IPVS_INFO_ATTR_VERSION, native32()),
        row!(InfoAttr::ConnTabSize(0x1234_5678), IPVS_INFO_ATTR_CONN_TAB_SIZE, native32()),
    ];
    Table { other: InfoAttr::Other, rows }
}

fn assert_numbers_and_bytes<A: Space>(table: &Table<A>) {
    for (place, row) in table.rows.iter().enumerate() {
        let name = row.name;
        assert_eq!(usize::from(row.constant), place + 1, "{name}");
        assert_eq!(number(&row.value), row.constant, "{name}");
        assert_eq!(row.value.is_nested(), row.shape == Shape::Nest, "{name}");
        assert_eq!(
            emitted(&row.value),
            attribute(row.value.kind(), &row.bytes),
            "{name}"
        );

        // As the kernel sends it, without NLA_F_NESTED.
        let answer = attribute(row.constant, &row.bytes);
        assert_eq!(parse_attribute::<A>(&answer).unwrap(), row.value, "{name}");
    }
}

fn assert_the_rest_is_kept_as_it_came<A: Space>(table: &Table<A>) {
    for kind in 0..0x4000 {
        if table.rows.iter().any(|row| row.constant == kind) {
            continue;
        }
        let expected = (table.other)(DefaultNla::new(kind, vec![1, 2, 3]));
        let bytes = attribute(kind, &[1, 2, 3]);
        assert_eq!(parse_attribute::<A>(&bytes).unwrap(), expected);
        assert_eq!(emitted(&expected), bytes);
    }
}

fn assert_other_lengths_are_refused_by_name<A: Space>(table: &Table<A>) {
    for row in &table.rows {
        let right: &[usize] = match row.shape {
            Shape::Fixed => &[row.bytes.len()],
            Shape::Address => &[4, 16],
            _ => continue,
        };
        for wrong in (0..=24).filter(|length| !right.contains(length)) {
            let bytes = attribute(row.constant, &vec![0; wrong]);
            let error = parse_attribute::<A>(&bytes).unwrap_err().to_string();
            let right: Vec<_> = right.iter().map(ToString::to_string).collect();
            let (name, right) = (row.name, right.join(" or "));
            assert_eq!(
                error,
                format!("{name}: expected {right} bytes, received {wrong}")
            );
        }
    }
}

/// An attribute that begins a header it does not end, and a byte that no text has.
const BROKEN: &[u8] = &[0xff, 0xff, 0xff];

fn assert_broken_values_are_refused_by_name<A: Space>(table: &Table<A>) {
    for row in &table.rows {
        let outcome = parse_attribute::<A>(&attribute(row.constant, BROKEN));
        if row.shape == Shape::Nothing {
            assert_eq!(outcome.unwrap(), row.value);
        } else {
            let error = outcome.unwrap_err().to_string();
            assert!(error.starts_with(&format!("{}: ", row.name)), "{error}");
        }
    }
}

/// The same check for each space.
macro_rules! in_every_space {
    ($check:ident) => {
        $check(&commands());
        $check(&services());
        $check(&destinations());
        $check(&daemons());
        $check(&stats());
        $check(&stats64());
        $check(&infos());
    };
}

#[test]
fn every_attribute_has_the_kernels_number_and_its_own_bytes() {
    in_every_space!(assert_numbers_and_bytes);
}

#[test]
fn every_other_number_is_kept_as_it_came() {
    in_every_space!(assert_the_rest_is_kept_as_it_came);
}

#[test]
fn a_value_of_another_length_is_refused_by_name() {
    in_every_space!(assert_other_lengths_are_refused_by_name);

    // Once in so many words, for the checks above build what they expect.
    let port = attribute(constants::IPVS_SVC_ATTR_PORT, &[0; 4]);
    let error = parse_attribute::<SvcAttr>(&port).unwrap_err();
    assert_eq!(
        error.to_string(),
        "IPVS_SVC_ATTR_PORT: expected 2 bytes, received 4"
    );
}

#[test]
fn a_broken_value_is_refused_by_name() {
    in_every_space!(assert_broken_values_are_refused_by_name);
}

#[test]
fn an_error_in_a_nest_names_the_way_to_it() {
    let cps = attribute(constants::IPVS_STATS_ATTR_CPS, &[0; 8]);
    let stats = attribute(constants::IPVS_SVC_ATTR_STATS, &cps);
    let service = attribute(constants::IPVS_CMD_ATTR_SERVICE, &stats);
    let error = parse_attribute::<CmdAttr>(&service).unwrap_err();
    assert_eq!(
        error.to_string(),
        "IPVS_CMD_ATTR_SERVICE: IPVS_SVC_ATTR_STATS: IPVS_STATS_ATTR_CPS: expected 4 bytes, received 8"
    );
}

#[test]
fn an_address_without_its_tail_is_one_of_ipv4() {
    let short = attribute(constants::IPVS_DEST_ATTR_ADDR, &[192, 0, 2, 1]);
    let address = parse_attribute::<DestAttr>(&short).unwrap();
    assert_eq!(address, DestAttr::Addr(ipv4([192, 0, 2, 1])));
}

#[test]
fn text_ends_at_its_nul_or_at_the_end_of_the_value() {
    for value in [&b"rr"[..], b"rr\0", b"rr\0left over"] {
        let name = attribute(constants::IPVS_SVC_ATTR_SCHED_NAME, value);
        let name = parse_attribute::<SvcAttr>(&name).unwrap();
        assert_eq!(name, SvcAttr::SchedName("rr".to_owned()));
    }
}
