//! `ip_vs_conn` and `ip_vs_conn_sync` in `/proc/net`, letter by letter.

use std::net::UdpSocket;

use ipvs::{Destination, Encapsulation, Endpoint, Forwarding, Service};
use ipvs_lab::in_namespace;
use ipvs_lab::process::run;

use crate::common::traffic::{echo_at, own, talk_to};
use crate::common::{client, endpoint, seconds};
use crate::proc_table::file;

const V4: &str = "192.0.2.10:80";
const V6: &str = "[2001:db8::10]:80";
const CONNECTIONS: &str =
    "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n";
const SYNCED: &str = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires\n";

/// A service with a server that answers, masqueraded.
pub(crate) fn serve(service: &Service, server: Endpoint) {
    own(&["192.0.2.10/32", "198.51.100.7/32", "2001:db8::10/128"]);
    let mut ipvs = client();
    ipvs.add_service(service).unwrap();
    let server = Destination::new(server).forwarding(Forwarding::Masquerade);
    ipvs.add_destination(service.id, &server).unwrap();
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn connections_are_shown_in_columns_that_ipv6_breaks() {
    in_namespace(|| {
        assert_eq!(file("ip_vs_conn"), CONNECTIONS);
        assert_eq!(file("ip_vs_conn_sync"), SYNCED);
        let ipv6 = "2001:0db8:0000:0000:0000:0000:0000:0010";
        for (service, server, address, served) in [
            (V4, "198.51.100.7:8080", "C000020A", "C6336407"),
            (V6, "[2001:db8::10]:8080", ipv6, ipv6),
        ] {
            in_namespace(|| {
                serve(&Service::tcp(endpoint(service)), endpoint(server));
                echo_at(server);
                let talk = talk_to(service);
                let port = talk.local_addr().unwrap().port();
                let ends = format!("TCP {address} {port:04X} {address} 0050 {served} 1F90");

                let found = file("ip_vs_conn");
                let expires: u32 = found.split_whitespace().last().unwrap().parse().unwrap();
                assert!((800..=900).contains(&expires), "{found}");
                assert_eq!(
                    found,
                    format!("{CONNECTIONS}{ends} ESTABLISHED {expires:7}\n")
                );
                let found = file("ip_vs_conn_sync");
                let expires: u32 = found.split_whitespace().last().unwrap().parse().unwrap();
                assert_eq!(
                    found,
                    format!("{SYNCED}{ends} ESTABLISHED LOCAL  {expires:7}\n")
                );
            });
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_connection_may_be_of_two_families() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "2001:db8::10/128"]);
        run("ip", &["route", "add", "2001:db8:1::/64", "dev", "lo"]);
        let mut ipvs = client();
        let service = Service::udp(endpoint("192.0.2.10:53"));
        ipvs.add_service(&service).unwrap();
        let far = Destination::new(endpoint("[2001:db8:1::7]:53"));
        let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
        ipvs.add_destination(service.id, &far.forwarding(tunnel))
            .unwrap();
        let socket = UdpSocket::bind("192.0.2.10:4660").unwrap();
        // Whether it can go through the tunnel does not matter.
        let _ = socket.send_to(b"hello", "192.0.2.10:53");
        let served = "2001:0db8:0001:0000:0000:0000:0000:0007";
        let ends = format!("UDP C000020A 1234 C000020A 0035 {served} 0035 UDP ");
        let found = file("ip_vs_conn");
        assert!(found.contains(&ends), "{found}");
        assert_eq!(ipvs.connections().unwrap().count(), 1);
        let connection = ipvs.connections().unwrap().next().unwrap().unwrap();
        assert_eq!(connection.destination, far.id);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_template_is_shown_without_the_clients_port_and_with_what_the_engine_noted() {
    in_namespace(|| {
        let service = Service::udp(endpoint("192.0.2.10:5060"))
            .persistent(seconds(60))
            .persistence_engine("sip".parse().unwrap());
        serve(&service, endpoint("198.51.100.7:5060"));
        let call = "a84b4c76e66710@pc33.example.com";
        let invite = format!("INVITE sip:bob@example.com SIP/2.0\r\nCall-ID: {call}\r\n\r\n");
        let socket = UdpSocket::bind("192.0.2.10:0").unwrap();
        socket
            .send_to(invite.as_bytes(), "192.0.2.10:5060")
            .unwrap();
        let found = file("ip_vs_conn");
        let template = found.lines().find(|line| line.contains(" 0000 C000020A "));
        let template = template.unwrap_or_else(|| panic!("{found}"));
        let expires: u32 = template.split_whitespace().nth(8).unwrap().parse().unwrap();
        assert!((50..=60).contains(&expires), "{found}");
        let ends = "UDP C000020A 0000 C000020A 13C4 C6336407 13C4";
        assert_eq!(
            template,
            format!("{ends} NONE        {expires:7} sip {call}")
        );
    });
}
