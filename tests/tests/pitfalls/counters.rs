//! Counters beyond 32 bits, of real traffic. Packets and connections do not get there in the time of
//! a test: the host's tests read such numbers from answers.

use std::fs;
use std::net::UdpSocket;

use ipvs::{Client, Destination, Endpoint, Forwarding, Service, ServiceId, Stats};
use ipvs_lab::{in_namespace, process};

use crate::common::program::{json, shown};
use crate::common::traffic::{eventually, own};
use crate::common::{client, endpoint};

/// The longest datagram; `lo` carries it in one piece.
static DATAGRAM: [u8; 65_507] = [0; 65_507];
/// As IPVS counts it, with its headers.
const COUNTED: u64 = 65_535;
/// As many as it takes in each direction, with the two that come first.
const PACKETS: u64 = u32::MAX as u64 / COUNTED + 20;

fn service() -> ServiceId {
    ServiceId::udp(endpoint("192.0.2.10:53"))
}

fn server() -> Endpoint {
    endpoint("198.51.100.7:5353")
}

/// More than 4 GiB each way through a masqueraded service. Nobody reads them: what finds no room at
/// its receiver was counted before.
fn exchange() {
    let server = UdpSocket::bind("198.51.100.7:5353").unwrap();
    let client = UdpSocket::bind("192.0.2.10:0").unwrap();
    client.connect("192.0.2.10:53").unwrap();
    client.send(&DATAGRAM).unwrap();
    let (_, client_as_seen) = server.recv_from(&mut [0; 1]).unwrap();
    for _ in 1..PACKETS {
        client.send(&DATAGRAM).unwrap();
    }
    for _ in 0..PACKETS {
        server.send_to(&DATAGRAM, client_as_seen).unwrap();
    }
}

fn assert_counted(stats: &Stats) {
    let packets = (stats.incoming_packets, stats.outgoing_packets);
    assert_eq!(packets, (PACKETS, PACKETS), "{stats:?}");
    let bytes = (stats.incoming_bytes, stats.outgoing_bytes);
    assert_eq!(bytes, (PACKETS * COUNTED, PACKETS * COUNTED), "{stats:?}");
}

/// The bytes in and out that the kernel's file tells: the last of its numbers in hexadecimal.
fn bytes_in_the_file() -> [u64; 2] {
    let file = fs::read_to_string("/proc/thread-self/net/ip_vs_stats").unwrap();
    let mut row = file.lines().nth(2).unwrap().split_whitespace().skip(3);
    [row.next(), row.next()].map(|number| u64::from_str_radix(number.unwrap(), 16).unwrap())
}

fn with_traffic() -> Client {
    own(&["192.0.2.10/32", "198.51.100.7/32"]);
    let mut ipvs = client();
    ipvs.add_service(&Service::new(service())).unwrap();
    let server = Destination::new(server()).forwarding(Forwarding::Masquerade);
    ipvs.add_destination(service(), &server).unwrap();
    exchange();
    ipvs
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn destination_counters_are_not_cut_to_32_bits() {
    const { assert!(PACKETS * COUNTED > u32::MAX as u64) };
    in_namespace(|| {
        let mut ipvs = with_traffic();
        let everything = PACKETS * COUNTED;
        let read = eventually(bytes_in_the_file, |bytes| *bytes == [everything; 2]);
        assert_eq!(read, [everything; 2]);

        let destination = ipvs.destination(service(), server()).unwrap().stats;
        for stats in [
            destination,
            ipvs.service(service()).unwrap().stats,
            ipvs.services().unwrap()[0].stats,
            ipvs.virtual_servers().unwrap()[0].destinations[0].stats,
            ipvs.totals().unwrap(),
        ] {
            assert_counted(&stats);
        }
        let cpus = ipvs.totals_by_cpu().unwrap();
        let sum = cpus.iter().map(|cpu| cpu.outgoing_bytes).sum::<u64>();
        assert_eq!(sum, everything);

        // ipvsadm cuts those of destinations, not those of services.
        let theirs = process::ipvsadm(&["-Ln", "--stats", "--exact"]);
        let packets = PACKETS.to_string();
        let bytes = everything.to_string();
        let row: Vec<_> = theirs.lines().nth(3).unwrap().split_whitespace().collect();
        let numbers = ["1", &packets, &packets, &bytes, &bytes];
        assert_eq!(row, [&["UDP", "192.0.2.10:53"], &numbers[..]].concat());

        for (row, name) in shown("list --stats").lines().skip(2).zip(["UDP", "->"]) {
            let row: Vec<_> = row.split_whitespace().collect();
            assert_eq!((row[0], &row[2..]), (name, &numbers[..]));
        }
        let listed = &json("list")["services"][0];
        for stats in [&listed["stats"], &listed["destinations"][0]["stats"]] {
            assert_eq!(stats["incoming_bytes"], everything);
            assert_eq!(stats["outgoing_bytes"], everything);
        }
    });
}
