//! The connection table, of real connections.

use std::net::UdpSocket;

use crate::common::traffic::{echo_at, own, talk_to};
use crate::common::{client, endpoint, mark, seconds};
use ipvs::{
    Client, Connection, ConnectionService, Destination, Endpoint, Family, Forwarding, Persistence,
    Protocol, Service, ServiceId,
};
use ipvs_lab::in_namespace;
use nix::sys::socket::{setsockopt, sockopt};

/// `lo` with the addresses, and a service with one server, masqueraded.
fn with(service: &Service, server: Endpoint) -> Client {
    own(&[
        "192.0.2.10/32",
        "198.51.100.7/32",
        "2001:db8::10/128",
        "2001:db8:1::7/128",
    ]);
    let mut ipvs = client();
    ipvs.add_service(service).unwrap();
    let server = Destination::new(server).forwarding(Forwarding::Masquerade);
    ipvs.add_destination(service.id, &server).unwrap();
    ipvs
}

/// Connections and templates.
fn listed(ipvs: &Client) -> (Vec<Connection>, Vec<Connection>) {
    let all: Result<Vec<_>, _> = ipvs.connections().unwrap().collect();
    let (templates, connections) = all.unwrap().into_iter().partition(Connection::is_template);
    (connections, templates)
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_connection_is_listed_with_its_three_ends() {
    for (service, server) in [
        ("192.0.2.10:80", "198.51.100.7:8080"),
        ("[2001:db8::10]:80", "[2001:db8:1::7]:8080"),
    ] {
        in_namespace(|| {
            let vip = endpoint(service);
            let ipvs = with(&Service::tcp(vip), endpoint(server));
            assert_eq!(ipvs.connections().unwrap().count(), 0);
            echo_at(server);
            let talk = talk_to(service);

            let (connections, templates) = listed(&ipvs);
            assert_eq!(
                (connections.len(), templates.len()),
                (1, 0),
                "{connections:?}"
            );
            let connection = &connections[0];
            assert_eq!(connection.protocol, Protocol::Tcp);
            assert_eq!(connection.client, talk.local_addr().unwrap().into());
            assert_eq!(connection.service, ConnectionService::Endpoint(vip));
            assert_eq!(connection.destination, endpoint(server));
            assert_eq!(connection.state, "ESTABLISHED");
            let expires = connection.expires;
            assert!(
                expires <= seconds(900) && expires > seconds(850),
                "{expires:?}"
            );
            assert_eq!(connection.engine, None);
        });
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_persistent_client_has_a_template_cut_to_the_netmask() {
    for (service, server, mask, cut) in [
        (
            "192.0.2.10:80",
            "198.51.100.7:8080",
            "255.255.255.0",
            "192.0.2.0",
        ),
        (
            "[2001:db8::10]:80",
            "[2001:db8:1::7]:8080",
            "64",
            "2001:db8::",
        ),
    ] {
        in_namespace(|| {
            let vip = endpoint(service);
            let persistence = Persistence::new(seconds(300)).netmask(mask.parse().unwrap());
            let ipvs = with(&Service::tcp(vip).persistent(persistence), endpoint(server));
            echo_at(server);
            let _talk = talk_to(service);

            let (connections, templates) = listed(&ipvs);
            assert_eq!(
                (connections.len(), templates.len()),
                (1, 1),
                "{templates:?}"
            );
            let template = &templates[0];
            assert_eq!(template.client, endpoint(cut));
            assert_eq!(template.service, ConnectionService::Endpoint(vip));
            assert_eq!(template.destination, endpoint(server));
            assert!(template.expires <= seconds(300), "{:?}", template.expires);
        });
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_template_of_every_port_has_no_ports() {
    in_namespace(|| {
        let every_port = Service::tcp(endpoint("192.0.2.10")).persistent(seconds(300));
        let ipvs = with(&every_port, endpoint("198.51.100.7"));
        echo_at("198.51.100.7:8080");
        let _talk = talk_to("192.0.2.10:8080");

        let (connections, templates) = listed(&ipvs);
        let vip = ConnectionService::Endpoint(endpoint("192.0.2.10:8080"));
        assert_eq!(connections[0].service, vip);
        assert_eq!(connections[0].destination, endpoint("198.51.100.7:8080"));
        assert_eq!(
            templates[0].service,
            ConnectionService::Endpoint(endpoint("192.0.2.10"))
        );
        assert_eq!(templates[0].destination, endpoint("198.51.100.7"));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_template_of_a_mark_has_the_mark() {
    for (family, vip, server) in [
        (Family::Ipv4, "192.0.2.10:5000", "198.51.100.7"),
        (Family::Ipv6, "[2001:db8::10]:5000", "2001:db8:1::7"),
    ] {
        in_namespace(|| {
            let id = ServiceId::fwmark(mark(0x4d2), family);
            let ipvs = with(&Service::new(id).persistent(seconds(300)), endpoint(server));
            // The mark is the sender's: that of a firewall rule looks the same to IPVS.
            let any = if family == Family::Ipv4 {
                "0.0.0.0:0"
            } else {
                "[::]:0"
            };
            let socket = UdpSocket::bind(any).unwrap();
            setsockopt(&socket, sockopt::Mark, &0x4d2).unwrap();
            socket.send_to(b"hello", vip).unwrap();

            let (connections, templates) = listed(&ipvs);
            assert_eq!(
                (connections.len(), templates.len()),
                (1, 1),
                "{connections:?}"
            );
            assert_eq!(connections[0].protocol, Protocol::Udp);
            assert_eq!(
                connections[0].service,
                ConnectionService::Endpoint(endpoint(vip))
            );
            assert_eq!(connections[0].state, "UDP");
            assert_eq!(templates[0].service, ConnectionService::Fwmark(mark(0x4d2)));
            assert_eq!(templates[0].destination, endpoint(server));
            assert_eq!(templates[0].client.family(), family);
        });
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_sip_call_is_listed_with_its_call_id() {
    in_namespace(|| {
        let service = Service::udp(endpoint("192.0.2.10:5060"))
            .persistent(seconds(60))
            .persistence_engine("sip".parse().unwrap());
        let ipvs = with(&service, endpoint("198.51.100.7:5060"));
        let invite = "INVITE sip:bob@example.com SIP/2.0\r\n\
                      Call-ID: a84b4c76e66710@pc33.example.com\r\n\
                      Content-Length: 0\r\n\r\n";
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        socket
            .send_to(invite.as_bytes(), "192.0.2.10:5060")
            .unwrap();

        let (connections, templates) = listed(&ipvs);
        let engines: Vec<_> = connections
            .iter()
            .chain(&templates)
            .map(|it| &it.engine)
            .collect();
        let call = templates[0]
            .engine
            .as_ref()
            .expect("a template with a call");
        assert_eq!(call.name, "sip", "{engines:?}");
        assert_eq!(call.data, "a84b4c76e66710@pc33.example.com", "{engines:?}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn packets_that_are_scheduled_one_by_one_are_not_listed() {
    in_namespace(|| {
        let service = Service::udp(endpoint("192.0.2.10:53")).one_packet();
        let ipvs = with(&service, endpoint("198.51.100.7:53"));
        let server = UdpSocket::bind("198.51.100.7:53").unwrap();
        server.set_read_timeout(Some(seconds(5))).unwrap();
        let socket = UdpSocket::bind("192.0.2.10:0").unwrap();
        socket.send_to(b"hello", "192.0.2.10:53").unwrap();
        assert_eq!(server.recv(&mut [0; 64]).unwrap(), 5);
        assert_eq!(listed(&ipvs), (vec![], vec![]));
    });
}
