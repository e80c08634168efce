//! What a kernel answered, today's and those before it, is read as it was meant; what it never
//! says is an error that names the attribute.

#![cfg(target_endian = "little")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod common;

use common::{answered, attribute, attributes, chain, endpoint, hex, joined, seconds, web};
use ipvs::{
    Destination, DestinationStatus, Error, Family, Forwarding, Persistence, Scheduler, Service,
    ServiceId, ServiceStatus, StatsWidth, Timeouts,
};

/// 192.0.2.1:80 wrr, persistent for 300 s by 255.255.255.0 (Linux 6.1, x86-64).
const SERVICE: &str = "
    01010000 2c010100
      0600010002000000 0600020006000000 14000300c0000201000000000000000000000000 0600040000500000
      0800060077727200 0c00070003000000ffffffff 080008002c010000 08000900ffffff00
      5c000a00 0800010000000000 0800020000000000 0800030000000000 0c0004000000000000000000
        0c0005000000000000000000 0800060000000000 0800070000000000 0800080000000000
        0800090000000000 08000a0000000000
      7c000c00 0c0001000000000000000000 0c0002000000000000000000 0c0003000000000000000000
        0c0004000000000000000000 0c0005000000000000000000 0c0006000000000000000000
        0c0007000000000000000000 0c0008000000000000000000 0c0009000000000000000000
        0c000a000000000000000000";

/// 198.51.100.2:8080, masqueraded, of weight 0.
const DESTINATION: &str = "
    05010000 50010200
      14000100c6336402000000000000000000000000 060002001f900000 0800030000000000 0800040000000000
      05000d0000000000 06000e0000000000 06000f0000000000 0800050000000000 0800060000000000
      0800070000000000 0800080000000000 0800090000000000 06000b0002000000
      5c000a00 0800010000000000 0800020000000000 0800030000000000 0c0004000000000000000000
        0c0005000000000000000000 0800060000000000 0800070000000000 0800080000000000
        0800090000000000 08000a0000000000
      7c000c00 0c0001000000000000000000 0c0002000000000000000000 0c0003000000000000000000
        0c0004000000000000000000 0c0005000000000000000000 0c0006000000000000000000
        0c0007000000000000000000 0c0008000000000000000000 0c0009000000000000000000
        0c000a000000000000000000";

const STATS: u16 = 10;
const STATS64: u16 = 12;

/// An answer whose only nest has these attributes instead.
fn with(captured: &str, change: impl FnOnce(&mut Vec<(u16, Vec<u8>)>)) -> Vec<u8> {
    let captured = hex(captured);
    let nests = attributes(&captured[4..]);
    let [(kind, nested)] = &nests[..] else {
        panic!("{} nests", nests.len());
    };
    let mut nested = attributes(nested);
    change(&mut nested);
    [&captured[..4], &attribute(*kind, &joined(&nested))].concat()
}

fn without(captured: &str, kinds: &[u16]) -> Vec<u8> {
    with(captured, |attributes| {
        attributes.retain(|(kind, _)| !kinds.contains(kind));
    })
}

/// With this attribute set to these bytes.
fn set(captured: &str, wanted: u16, value: &[u8]) -> Vec<u8> {
    with(captured, |attributes| {
        let found = attributes.iter_mut().find(|(kind, _)| *kind == wanted);
        found.expect("it is there").1 = value.to_vec();
    })
}

fn twice(captured: &str, wanted: u16) -> Vec<u8> {
    with(captured, |attributes| {
        let again = attributes.iter().find(|(kind, _)| *kind == wanted);
        attributes.push(again.expect("it is there").clone());
    })
}

fn service(answer: Vec<u8>) -> Result<ServiceStatus, Error> {
    answered(answer).service(web())
}

fn destination(answer: Vec<u8>) -> Result<DestinationStatus, Error> {
    answered(answer)
        .destinations(web())
        .map(|mut destinations| destinations.remove(0))
}

fn wrr() -> Service {
    let persistence = Persistence::new(seconds(300)).netmask("255.255.255.0".parse().unwrap());
    Service::new(web())
        .scheduler(Scheduler::WEIGHTED_ROUND_ROBIN)
        .persistent(persistence)
}

fn masqueraded() -> Destination {
    let server = Destination::new(endpoint("198.51.100.2:8080"));
    server.forwarding(Forwarding::Masquerade).weight(0)
}

#[test]
fn a_service() {
    let read = service(hex(SERVICE)).unwrap();
    assert_eq!(read.service, wrr());
    assert_eq!(
        (read.stats.connections, read.stats.width),
        (0, StatsWidth::Bits64)
    );
}

#[test]
fn a_destination() {
    let read = destination(hex(DESTINATION)).unwrap();
    assert_eq!(read.destination, masqueraded());
    assert_eq!(
        (
            read.active_connections,
            read.inactive_connections,
            read.persistent_connections
        ),
        (0, 0, 0)
    );
}

#[test]
fn timeouts() {
    // 900 120 300
    let captured = hex("0c010000 0800040084030000 0800050078000000 080006002c010000");
    let expected = Timeouts::default()
        .tcp(seconds(900))
        .tcp_fin(seconds(120))
        .udp(seconds(300));
    assert_eq!(answered(captured).timeouts().unwrap(), expected);
    // A kernel that was built without UDP.
    let captured = hex("0c010000 0800040084030000 0800050078000000");
    assert_eq!(answered(captured).timeouts().unwrap().udp, None);
}

#[test]
fn info() {
    let info = answered(hex("0e010000 0800010001020100 0800020000100000"))
        .info()
        .unwrap();
    assert_eq!(info.version.to_string(), "1.2.1");
    assert_eq!(info.connection_table_size, 4096);
    for (answer, reason) in [
        (
            "0e010000 0800010001020100",
            "IPVS_INFO_ATTR_CONN_TAB_SIZE is missing",
        ),
        (
            "0e010000 0800020000100000",
            "IPVS_INFO_ATTR_VERSION is missing",
        ),
        (
            "0e010000 0800010001020100 0800010001020100",
            "IPVS_INFO_ATTR_VERSION came twice",
        ),
        ("0c010000", "an answer that is not one to GET_INFO"),
    ] {
        let error = answered(hex(answer)).info().unwrap_err();
        assert_eq!(
            chain(&error),
            format!("the kernel's answer cannot be read: {reason}")
        );
    }
}

#[test]
fn counters_of_64_bits_come_before_those_of_32() {
    let narrow: Vec<_> = (1..=10)
        .map(|kind| (kind, numbers(kind, 4, &[4, 5])))
        .collect();
    let wide: Vec<_> = (1..=10).map(|kind| (kind, numbers(kind, 8, &[]))).collect();
    let answer = with(SERVICE, |attributes| {
        attributes.retain(|(kind, _)| ![STATS, STATS64].contains(kind));
        attributes.extend([(STATS, joined(&narrow)), (STATS64, joined(&wide))]);
    });
    let stats = service(answer.clone()).unwrap().stats;
    let base = 1 << 40;
    assert_eq!(
        (stats.connections, stats.width),
        (base + 1, StatsWidth::Bits64)
    );
    assert_eq!(
        (stats.incoming_packets, stats.outgoing_packets),
        (base + 2, base + 3)
    );
    assert_eq!(
        (stats.incoming_bytes, stats.outgoing_bytes),
        (base + 4, base + 5)
    );
    assert_eq!(stats.rates.connections_per_second, base + 6);
    assert_eq!(stats.rates.incoming_packets_per_second, base + 7);
    assert_eq!(stats.rates.outgoing_packets_per_second, base + 8);
    assert_eq!(stats.rates.incoming_bytes_per_second, base + 9);
    assert_eq!(stats.rates.outgoing_bytes_per_second, base + 10);

    // Before Linux 4.1.
    let answer = with(SERVICE, |attributes| {
        attributes.retain(|(kind, _)| ![STATS, STATS64].contains(kind));
        attributes.push((STATS, joined(&narrow)));
    });
    let stats = service(answer).unwrap().stats;
    assert_eq!((stats.connections, stats.width), (1, StatsWidth::Bits32));
    assert_eq!((stats.incoming_packets, stats.outgoing_packets), (2, 3));
    assert_eq!(
        (stats.incoming_bytes, stats.outgoing_bytes),
        (base + 4, base + 5)
    );
    assert_eq!(stats.rates.connections_per_second, 6);
    assert_eq!(stats.rates.incoming_packets_per_second, 7);
    assert_eq!(stats.rates.outgoing_packets_per_second, 8);
    assert_eq!(stats.rates.incoming_bytes_per_second, 9);
    assert_eq!(stats.rates.outgoing_bytes_per_second, 10);
}

/// The kind as a number of that width, far above 32 bits where there is room for it.
fn numbers(kind: u16, width: usize, wide: &[u16]) -> Vec<u8> {
    let large = (1_u64 << 40) + u64::from(kind);
    if width == 8 || wide.contains(&kind) {
        large.to_ne_bytes().to_vec()
    } else {
        u32::from(kind).to_ne_bytes().to_vec()
    }
}

#[test]
fn fillers_and_what_a_newer_kernel_adds_are_passed_over() {
    let answer = with(SERVICE, |attributes| {
        attributes.insert(0, (99, vec![1, 2, 3]));
        for (_, stats) in attributes.iter_mut().filter(|(kind, _)| *kind == STATS64) {
            // IPVS_STATS_ATTR_PAD, and one that does not exist.
            let filled = [
                attribute(11, &[]),
                attribute(11, &[]),
                attribute(98, &[1; 8]),
            ]
            .concat();
            stats.splice(0..0, filled);
        }
    });
    assert_eq!(service(answer).unwrap().service, wrr());
}

#[test]
fn destinations_of_kernels_that_did_not_know_tunnels_or_families() {
    let (tunnel, family) = (&[13, 14, 15][..], 11);
    for missing in [
        tunnel,
        &[family],
        &[13, 14, 15, family],
        &[13, 14, 15, family, STATS64],
    ] {
        let read = destination(without(DESTINATION, missing)).unwrap();
        assert_eq!(read.destination, masqueraded(), "without {missing:?}");
    }
    // Of an IPv6 service, the address is then an IPv6 one.
    let address = [&[0x20, 1, 0xd, 0xb8][..], &[0; 11], &[7]].concat();
    let answer = with(DESTINATION, |attributes| {
        attributes.retain(|(kind, _)| *kind != family);
        attributes[0].1 = address.clone();
    });
    let v6 = ServiceId::tcp(endpoint("[2001:db8::10]:80"));
    let read = answered(answer).destinations(v6).unwrap().remove(0);
    assert_eq!(read.destination.id, endpoint("[2001:db8::7]:8080"));
    assert_eq!(read.destination.id.family(), Family::Ipv6);
}

#[test]
fn an_attribute_that_is_missing_is_named() {
    let of_services = [
        (1, "AF"),
        (2, "PROTOCOL"),
        (3, "ADDR"),
        (4, "PORT"),
        (6, "SCHED_NAME"),
        (7, "FLAGS"),
    ];
    let of_persistence = [(8, "TIMEOUT"), (9, "NETMASK")];
    for (kind, name) in of_services.into_iter().chain(of_persistence) {
        let error = service(without(SERVICE, &[kind])).unwrap_err();
        let message =
            format!("the kernel's answer cannot be read: IPVS_SVC_ATTR_{name} is missing");
        assert_eq!(chain(&error), message);
        assert!(matches!(error, Error::Kernel(_)) && error.raw_os_error().is_none());
    }
    for (kind, name) in [
        (1, "ADDR"),
        (2, "PORT"),
        (3, "FWD_METHOD"),
        (4, "WEIGHT"),
        (5, "U_THRESH"),
        (6, "L_THRESH"),
        (7, "ACTIVE_CONNS"),
        (8, "INACT_CONNS"),
        (9, "PERSIST_CONNS"),
    ] {
        let error = destination(without(DESTINATION, &[kind])).unwrap_err();
        let message =
            format!("the kernel's answer cannot be read: IPVS_DEST_ATTR_{name} is missing");
        assert_eq!(chain(&error), message);
    }
    let message = "the kernel's answer cannot be read: neither STATS64 nor STATS came";
    for error in [
        service(without(SERVICE, &[STATS, STATS64])).unwrap_err(),
        destination(without(DESTINATION, &[STATS, STATS64])).unwrap_err(),
    ] {
        assert_eq!(chain(&error), message);
    }
}

#[test]
fn an_attribute_that_comes_twice_is_named() {
    for (kind, _) in attributes(&hex(SERVICE)[8..]) {
        let error = chain(&service(twice(SERVICE, kind)).unwrap_err());
        assert!(
            error.contains("IPVS_SVC_ATTR_") && error.ends_with(" came twice"),
            "{error}"
        );
    }
    for (kind, _) in attributes(&hex(DESTINATION)[8..]) {
        let error = chain(&destination(twice(DESTINATION, kind)).unwrap_err());
        assert!(
            error.contains("IPVS_DEST_ATTR_") && error.ends_with(" came twice"),
            "{error}"
        );
    }
    let answer = hex("0c010000 0800040084030000 0800040084030000");
    let error = chain(&answered(answer).timeouts().unwrap_err());
    assert!(
        error.ends_with("IPVS_CMD_ATTR_TIMEOUT_TCP came twice"),
        "{error}"
    );
}

#[test]
fn what_cannot_be_meant_is_named() {
    let of_service = |kind, value: &[u8]| service(set(SERVICE, kind, value)).unwrap_err();
    let of_destination =
        |kind, value: &[u8]| destination(set(DESTINATION, kind, value)).unwrap_err();
    for (error, reason) in [
        (
            of_service(1, &[3, 0]),
            "address family 3 is neither IPv4 (2) nor IPv6 (10)",
        ),
        (
            of_destination(11, &[3, 0]),
            "address family 3 is neither IPv4 (2) nor IPv6 (10)",
        ),
        (
            of_destination(4, &[0xff; 4]),
            "IPVS_DEST_ATTR_WEIGHT is negative: -1",
        ),
    ] {
        assert_eq!(
            chain(&error),
            format!("the kernel's answer cannot be read: {reason}")
        );
    }
    // Too short.
    let error = chain(&of_service(4, &[0]));
    assert!(error.contains("IPVS_SVC_ATTR_PORT"), "{error}");
    let marked = with(SERVICE, |attributes| attributes.push((5, vec![0; 4])));
    let error = chain(&service(marked).unwrap_err());
    assert!(error.ends_with("IPVS_SVC_ATTR_FWMARK is 0"), "{error}");
}

#[test]
fn an_answer_to_another_question_is_an_error() {
    for answer in ["01010000", "05010000", "0e010000"] {
        service(hex(answer)).unwrap_err();
    }
    let nothing = common::client(|_| common::Answer::Done)
        .0
        .service(web())
        .unwrap_err();
    assert_eq!(
        nothing.to_string(),
        "the kernel acknowledged the request without answering it"
    );
}
