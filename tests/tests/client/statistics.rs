//! What the kernel counts of real connections.

use crate::common::traffic::{echo_at, eventually, own, talk_to};
use crate::common::{client, endpoint, web};
use ipvs::{Client, Destination, Forwarding, Service, ServiceId, Stats, StatsWidth};
use ipvs_lab::in_namespace;

const VIPS: &[&str] = &["192.0.2.10/32", "2001:db8::10/128", "198.51.100.7/32"];

/// TCP 192.0.2.10:80, masqueraded to a server that answers.
fn with_a_server() -> Client {
    own(VIPS);
    echo_at("198.51.100.7:8080");
    let mut ipvs = client();
    ipvs.add_service(&Service::new(web())).unwrap();
    ipvs.add_destination(web(), &server()).unwrap();
    ipvs
}

fn server() -> Destination {
    Destination::new(endpoint("198.51.100.7:8080")).forwarding(Forwarding::Masquerade)
}

fn zeroes() -> Stats {
    Stats::default()
}

/// The service's counters once it counted so many connections.
fn stats(ipvs: &mut Client, id: ServiceId, connections: u64) -> Stats {
    let ask = || ipvs.service(id).unwrap().stats;
    eventually(ask, |stats| stats.connections == connections)
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_connection_is_counted_with_its_packets_and_bytes() {
    in_namespace(|| {
        let mut ipvs = with_a_server();
        assert_eq!(ipvs.service(web()).unwrap().stats, zeroes());
        let _talks = [talk_to("192.0.2.10:80"), talk_to("192.0.2.10:80")];

        let counted = stats(&mut ipvs, web(), 2);
        assert_eq!(counted.connections, 2);
        assert_eq!(counted.width, StatsWidth::Bits64);
        // SYN, ACK, five bytes and an ACK at least, each with headers of 40 bytes and more.
        assert!(counted.incoming_packets >= 6, "{counted:?}");
        assert!(
            counted.incoming_bytes >= counted.incoming_packets * 40 + 10,
            "{counted:?}"
        );
        assert!(counted.outgoing_packets >= 4, "{counted:?}");
        assert!(
            counted.outgoing_bytes >= counted.outgoing_packets * 40 + 10,
            "{counted:?}"
        );
        assert!(counted.rates.incoming_packets_per_second > 0, "{counted:?}");
        assert!(counted.rates.incoming_bytes_per_second > 40, "{counted:?}");

        let destination = ipvs.destination(web(), server().id).unwrap();
        let totals = |stats: Stats| {
            let packets = (stats.incoming_packets, stats.outgoing_packets);
            (
                stats.connections,
                packets,
                stats.incoming_bytes,
                stats.outgoing_bytes,
            )
        };
        assert_eq!(totals(destination.stats), totals(counted));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn open_connections_are_active_and_closed_ones_inactive() {
    in_namespace(|| {
        let mut ipvs = with_a_server();
        let counts = |ipvs: &mut Client| {
            let found = ipvs.destination(web(), server().id).unwrap();
            (
                found.active_connections,
                found.inactive_connections,
                found.persistent_connections,
            )
        };
        assert_eq!(counts(&mut ipvs), (0, 0, 0));
        let (first, _second) = (talk_to("192.0.2.10:80"), talk_to("192.0.2.10:80"));
        assert_eq!(counts(&mut ipvs), (2, 0, 0));
        drop(first);
        let after = eventually(|| counts(&mut ipvs), |counts| counts.1 == 1);
        assert_eq!(after, (1, 1, 0));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_persistent_client_is_counted_at_its_destination() {
    in_namespace(|| {
        let mut ipvs = with_a_server();
        let persistent = Service::new(web()).persistent(crate::common::seconds(300));
        ipvs.update_service(&persistent).unwrap();
        let _talk = talk_to("192.0.2.10:80");
        let found = ipvs.destination(web(), server().id).unwrap();
        assert_eq!(
            (found.active_connections, found.persistent_connections),
            (1, 1)
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn zeroing_a_service_leaves_the_others_and_zeroing_all_does_not() {
    in_namespace(|| {
        let mut ipvs = with_a_server();
        echo_at("[2001:db8::10]:8080");
        let other = ServiceId::tcp(endpoint("[2001:db8::10]:80"));
        let other_server = Destination::new(endpoint("[2001:db8::10]:8080"));
        ipvs.add_service(&Service::new(other)).unwrap();
        let other_server = other_server.forwarding(Forwarding::Masquerade);
        ipvs.add_destination(other, &other_server).unwrap();

        // Closed before the counters are read: nothing moves them any more.
        drop([talk_to("192.0.2.10:80"), talk_to("[2001:db8::10]:80")]);
        assert_eq!(stats(&mut ipvs, web(), 1).connections, 1);
        assert_eq!(stats(&mut ipvs, other, 1).connections, 1);

        ipvs.zero_service(web()).unwrap();
        assert_eq!(ipvs.service(web()).unwrap().stats.connections, 0);
        assert_eq!(
            ipvs.destination(web(), server().id)
                .unwrap()
                .stats
                .connections,
            0
        );
        assert_eq!(ipvs.service(other).unwrap().stats.connections, 1);

        ipvs.zero().unwrap();
        assert_eq!(ipvs.service(other).unwrap().stats, zeroes());
        assert_eq!(
            ipvs.destination(other, other_server.id).unwrap().stats,
            zeroes()
        );
    });
}
