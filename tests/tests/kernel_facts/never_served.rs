//! Services that no client reaches, and engines that nobody asks.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use ipvs::{
    Client, Destination, Endpoint, Forwarding, IneffectiveServices, Scheduler, Service, ServiceId,
};
use ipvs_lab::site::Site;
use ipvs_lab::{in_namespace, process};

use crate::common::traffic::{echo_at, own, talk_to};
use crate::common::{client, endpoint, seconds};

/// A client that adds whatever the kernel takes.
fn without_a_check() -> Client {
    let mut ipvs = client();
    ipvs.set_ineffective_services(IneffectiveServices::Accept);
    ipvs
}

/// Adds a service with one masqueraded destination.
fn serve(ipvs: &mut Client, service: Service, server: &str) {
    let service = service.scheduler(Scheduler::ROUND_ROBIN);
    ipvs.add_service(&service).unwrap();
    let server = Destination::new(endpoint(server)).forwarding(Forwarding::Masquerade);
    ipvs.add_destination(service.id, &server).unwrap();
}

/// The services that have scheduled a connection.
fn that_scheduled(ipvs: &Client, ids: &[ServiceId]) -> Vec<ServiceId> {
    let connections: Vec<_> = ipvs.connections().unwrap().map(Result::unwrap).collect();
    let has_one = |id: &&ServiceId| {
        let filter = ipvs::ConnectionFilter::new().service(**id);
        connections.iter().any(|it| filter.matches(it))
    };
    ids.iter().filter(has_one).copied().collect()
}

/// Sends a packet that nobody answers.
fn send_to(address: SocketAddr) {
    let any = if address.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(any).unwrap();
    socket.set_broadcast(true).unwrap();
    socket.send_to(b"hello", address).unwrap();
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn multicast_and_broadcast_packets_are_scheduled_for_this_host_alone() {
    const ADDRESSES: [&str; 5] = [
        "10.0.0.1:53",
        "224.1.1.1:53",
        "255.255.255.255:53",
        "[2001:db8::1]:53",
        "[ff05::77]:53",
    ];
    let site = Site::new(&[("client", "10.0.0.2/24"), ("director", "10.0.0.1/24")]);
    for host in site.hosts() {
        let last = if host.name() == "director" { 1 } else { 2 };
        host.enter(|| {
            let ours = format!("2001:db8::{last}/64");
            process::run("ip", &["address", "add", &ours, "dev", "eth0", "nodad"]);
            for network in ["default", "224.0.0.0/4", "255.255.255.255"] {
                process::run("ip", &["route", "add", network, "dev", "eth0"]);
            }
        });
    }
    let ids = ADDRESSES.map(|address| ServiceId::udp(endpoint(address)));
    site.host("director").enter(|| {
        let mut ipvs = without_a_check();
        for id in ids {
            let server = match id.family() {
                ipvs::Family::Ipv4 => "10.0.0.2:53",
                ipvs::Family::Ipv6 => "[2001:db8::2]:53",
            };
            serve(&mut ipvs, Service::new(id), server);
        }
    });
    let send_all = || ADDRESSES.map(|address| send_to(address.parse().unwrap()));
    // IPv6 asks for the neighbour before it sends, and the packets come in order.
    site.host("client").enter(send_all);
    let ordinary = [ids[0], ids[3]];
    site.host("director").enter(|| {
        let ipvs = client();
        let found = crate::common::traffic::eventually(
            || that_scheduled(&ipvs, &ids),
            |found| found.len() >= 2,
        );
        assert_eq!(found, ordinary);
        send_all();
        assert!(that_scheduled(&ipvs, &ids).contains(&ids[1]));
        assert!(that_scheduled(&ipvs, &ids).contains(&ids[2]));
        assert!(that_scheduled(&ipvs, &ids).contains(&ids[4]));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn clients_of_the_unspecified_address_reach_loopback() {
    in_namespace(|| {
        own(&["198.51.100.7/32", "2001:db8:1::7/128"]);
        echo_at("198.51.100.7:81");
        echo_at("[2001:db8:1::7]:81");
        let mut ipvs = without_a_check();
        let ids = ["0.0.0.0:80", "[::]:80"].map(|it| ServiceId::tcp(endpoint(it)));
        serve(&mut ipvs, Service::new(ids[0]), "198.51.100.7:81");
        serve(&mut ipvs, Service::new(ids[1]), "[2001:db8:1::7]:81");
        for (address, reached) in [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80")] {
            let error = TcpStream::connect(address).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
            let _server = TcpListener::bind(reached).unwrap();
            let stream = TcpStream::connect(address).unwrap();
            assert_eq!(stream.peer_addr().unwrap().to_string(), reached);
        }
        // It is no wildcard either.
        let error = TcpStream::connect("198.51.100.7:80").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(that_scheduled(&ipvs, &ids), []);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn clients_of_an_ipv4_mapped_address_reach_the_ipv4_service() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32", "2001:db8:1::7/128"]);
        echo_at("198.51.100.7:81");
        let mut ipvs = without_a_check();
        let mapped = ServiceId::tcp(endpoint("[::ffff:192.0.2.10]:80"));
        serve(&mut ipvs, Service::new(mapped), "[2001:db8:1::7]:81");
        let error = TcpStream::connect("[::ffff:192.0.2.10]:80").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let plain = ServiceId::tcp(endpoint("192.0.2.10:80"));
        serve(&mut ipvs, Service::new(plain), "198.51.100.7:81");
        let _talk = talk_to("[::ffff:192.0.2.10]:80");
        assert_eq!(that_scheduled(&ipvs, &[mapped, plain]), [plain]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn loopback_class_e_and_zero_network_addresses_are_served() {
    in_namespace(|| {
        own(&["240.0.0.7/32", "0.0.0.7/32", "198.51.100.7/32"]);
        echo_at("198.51.100.7:81");
        let mut ipvs = client();
        for address in ["127.0.0.1:80", "240.0.0.7:80", "0.0.0.7:80"] {
            let service = Service::tcp(endpoint(address));
            assert_eq!(service.ineffective(), None);
            serve(&mut ipvs, service, "198.51.100.7:81");
            talk_to(address);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_sip_engine_drops_tcp_if_the_service_is_persistent_and_is_idle_if_it_is_not() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32"]);
        echo_at("198.51.100.7:81");
        let mut ipvs = without_a_check();
        let vip: Endpoint = endpoint("192.0.2.10:80");
        let service = Service::tcp(vip).persistence_engine("sip".parse().unwrap());
        serve(&mut ipvs, service.clone(), "198.51.100.7:81");
        drop(talk_to("192.0.2.10:80"));

        let service = service.scheduler(Scheduler::ROUND_ROBIN);
        ipvs.update_service(&service.persistent(seconds(60)))
            .unwrap();
        let vip = "192.0.2.10:80".parse().unwrap();
        let error = TcpStream::connect_timeout(&vip, Duration::from_secs(2)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    });
}
