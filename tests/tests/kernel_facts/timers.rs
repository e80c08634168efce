//! How long connections are kept.

use std::io::{Read, Write};
use std::net::UdpSocket;

use ipvs::{Client, Connection, Destination, Forwarding, Service, ServiceId, Timeouts};
use ipvs_lab::in_namespace;

use crate::common::traffic::{echo_at, eventually, own, talk_to};
use crate::common::{client, endpoint, seconds, web};

/// A service with a server, masqueraded.
fn serve(service: ServiceId) -> Client {
    own(&["192.0.2.10/32", "198.51.100.7/32"]);
    let mut ipvs = client();
    ipvs.add_service(&Service::new(service)).unwrap();
    let server = Destination::new(endpoint("198.51.100.7:8080"));
    ipvs.add_destination(service, &server.forwarding(Forwarding::Masquerade))
        .unwrap();
    ipvs
}

fn the_only_connection(ipvs: &Client) -> Connection {
    let all: Result<Vec<_>, _> = ipvs.connections().unwrap().collect();
    let all = all.unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].clone()
}

/// The state of the connection, which is to expire in as many seconds or a few less.
#[track_caller]
fn assert_is(ipvs: &Client, state: &str, expires: u64) {
    let found = eventually(|| the_only_connection(ipvs), |it| it.state == state);
    assert_eq!(found.state, state);
    let left = found.expires.as_secs();
    assert!((expires - 10..=expires).contains(&left), "{found:?}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_connection_of_tcp_is_kept_as_long_as_its_state_says() {
    in_namespace(|| {
        let ipvs = serve(web());
        echo_at("198.51.100.7:8080");
        let talk = talk_to("192.0.2.10:80");
        assert_is(&ipvs, "ESTABLISHED", 900);
        drop(talk);
        assert_is(&ipvs, "TIME_WAIT", 120);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_timeout_that_is_set_counts_from_the_next_packet_on() {
    in_namespace(|| {
        let mut ipvs = serve(web());
        echo_at("198.51.100.7:8080");
        let mut talk = talk_to("192.0.2.10:80");
        let shorter = Timeouts::default().tcp(seconds(60));
        ipvs.set_timeouts(&shorter).unwrap();
        assert_is(&ipvs, "ESTABLISHED", 900);
        talk.write_all(b"hello").unwrap();
        talk.read_exact(&mut [0; 5]).unwrap();
        assert_is(&ipvs, "ESTABLISHED", 60);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_flow_of_udp_has_the_timeout_of_udp() {
    in_namespace(|| {
        let service = ServiceId::udp(endpoint("192.0.2.10:53"));
        let mut ipvs = serve(service);
        let socket = UdpSocket::bind("192.0.2.10:0").unwrap();
        socket.send_to(b"hello", "192.0.2.10:53").unwrap();
        assert_is(&ipvs, "UDP", 300);
        let shorter = Timeouts::default().udp(seconds(60));
        ipvs.set_timeouts(&shorter).unwrap();
        let _ = socket.send_to(b"hello", "192.0.2.10:53");
        assert_is(&ipvs, "UDP", 60);
    });
}
