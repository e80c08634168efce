//! A destination that is deleted stays in the kernel's trash for minutes, and comes back from there
//! with what it had.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use ipvs::{Client, Destination, DestinationStatus, Error, Forwarding, Service};
use ipvs_lab::in_namespace;
use ipvs_lab::process::run;
use ipvs_sys::constants::IP_VS_CONN_F_MASQ;
use ipvs_sys::{CmdAttr, Command, DestAttr, Errno};

use crate::common::traffic::{echo_at, eventually, own, talk_to};
use crate::common::{client, endpoint, raw, seconds, web};

/// TCP 192.0.2.10:80, masqueraded to a server that answers, and one open connection.
fn with_a_connection() -> (Client, TcpStream) {
    own(&["192.0.2.10/32", "198.51.100.7/32"]);
    echo_at("198.51.100.7:8080");
    let mut ipvs = client();
    ipvs.add_service(&Service::new(web())).unwrap();
    ipvs.add_destination(web(), &server()).unwrap();
    (ipvs, talk_to("192.0.2.10:80"))
}

fn server() -> Destination {
    Destination::new(endpoint("198.51.100.7:8080")).forwarding(Forwarding::Masquerade)
}

fn read(ipvs: &mut Client) -> DestinationStatus {
    ipvs.destination(web(), server().id).unwrap()
}

/// Waits for the kernel to count the one connection, every two seconds.
fn counted(ipvs: &mut Client) -> DestinationStatus {
    let found = eventually(|| read(ipvs), |it| it.stats.connections == 1);
    assert_eq!((found.stats.connections, found.active_connections), (1, 1));
    found
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_that_comes_back_has_its_connections_and_its_counters() {
    in_namespace(|| {
        let (mut ipvs, _talk) = with_a_connection();
        let before = counted(&mut ipvs);
        ipvs.delete_destination(web(), server().id).unwrap();
        assert_eq!(ipvs.destinations(web()).unwrap(), []);
        ipvs.add_destination(web(), &server().weight(9)).unwrap();
        let after = read(&mut ipvs);
        assert_eq!(after.destination, server().weight(9));
        assert_eq!(after.active_connections, 1);
        assert_eq!(after.stats.connections, before.stats.connections);
        assert_eq!(after.stats.incoming_bytes, before.stats.incoming_bytes);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn behind_a_service_that_was_made_anew_it_has_its_connections_and_no_counters() {
    in_namespace(|| {
        let (mut ipvs, _talk) = with_a_connection();
        counted(&mut ipvs);
        ipvs.delete_service(web()).unwrap();
        ipvs.add_service(&Service::new(web())).unwrap();
        ipvs.add_destination(web(), &server()).unwrap();
        let after = read(&mut ipvs);
        assert_eq!(after.active_connections, 1);
        assert_eq!(after.stats, ipvs::Stats::default());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn while_it_is_away_its_connections_are_kept_and_not_served() {
    in_namespace(|| {
        let (mut ipvs, mut talk) = with_a_connection();
        ipvs.delete_destination(web(), server().id).unwrap();
        talk.write_all(b"there?").unwrap();
        talk.set_read_timeout(Some(seconds(1))).unwrap();
        let silence = talk.read(&mut [0; 6]).unwrap_err();
        assert_eq!(silence.kind(), ErrorKind::WouldBlock);
        assert_eq!(ipvs.connections().unwrap().count(), 1);

        ipvs.add_destination(web(), &server()).unwrap();
        // It is said again by then.
        talk.set_read_timeout(Some(seconds(10))).unwrap();
        let mut heard = [0; 6];
        talk.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"there?");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn where_the_sysctl_says_so_a_packet_ends_a_connection_whose_destination_is_gone() {
    in_namespace(|| {
        let (mut ipvs, mut talk) = with_a_connection();
        std::fs::write("/proc/sys/net/ipv4/vs/expire_nodest_conn", "1").unwrap();
        ipvs.delete_destination(web(), server().id).unwrap();
        assert_eq!(ipvs.connections().unwrap().count(), 1);
        talk.write_all(b"there?").unwrap();
        let left = eventually(|| ipvs.connections().unwrap().count(), |left| *left == 0);
        assert_eq!(left, 0);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn connections_outlive_the_service() {
    in_namespace(|| {
        let (mut ipvs, _talk) = with_a_connection();
        ipvs.delete_service(web()).unwrap();
        assert_eq!(ipvs.connections().unwrap().count(), 1);
        ipvs.add_service(&Service::new(web())).unwrap();
        ipvs.flush().unwrap();
        assert_eq!(ipvs.connections().unwrap().count(), 1);
    });
}

/// An address that becomes the broadcast address of a network of `lo`.
const LAST: &str = "203.0.113.255";

fn make_it_a_broadcast_address() {
    run("ip", &["address", "add", "203.0.113.1/24", "dev", "lo"]);
}

fn last(port: u16) -> Destination {
    let id = endpoint(&format!("{LAST}:{port}"));
    Destination::new(id).forwarding(Forwarding::Masquerade)
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_address_of_one_that_comes_back_is_not_looked_at_again() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        ipvs.add_destination(web(), &last(80)).unwrap();
        ipvs.delete_destination(web(), last(80).id).unwrap();
        make_it_a_broadcast_address();

        let error = ipvs.add_destination(web(), &last(81)).unwrap_err();
        assert!(matches!(error, Error::DestinationRefused { .. }), "{error}");
        // Its numbers are looked at before the trash is.
        let mut negative = raw::destination(IP_VS_CONN_F_MASQ, (0, 0, 0));
        if let Some(CmdAttr::Dest(attributes)) = negative.last_mut() {
            let address = raw::ipv4([203, 0, 113, 255]);
            attributes.extend([DestAttr::Addr(address), DestAttr::Weight(-1)]);
        }
        assert_eq!(raw::ask(Command::NewDest, negative), Some(Errno::ERANGE));
        ipvs.add_destination(web(), &last(80)).unwrap();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_address_of_one_that_is_changed_is_not_looked_at_again() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        ipvs.add_destination(web(), &last(80)).unwrap();
        make_it_a_broadcast_address();
        ipvs.update_destination(web(), &last(80).weight(0)).unwrap();
        let found = ipvs.destination(web(), last(80).id).unwrap();
        assert_eq!(found.destination.weight, 0);
        let error = ipvs.update_destination(web(), &last(81)).unwrap_err();
        assert!(
            matches!(error, Error::DestinationNotFound { .. }),
            "{error}"
        );
    });
}
