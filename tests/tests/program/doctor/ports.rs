//! Ports of bridges: they never answer ARP themselves, and their bridge may.

use super::segment::{answers, mac};
use super::{found, healthy, remedies, sh};
use crate::common::program::shown;
use ipvs_lab::netns::Netns;
use ipvs_lab::site::Site;
use std::net::TcpListener;

fn site() -> Site {
    Site::new(&[("client", "10.10.10.1/24"), ("web1", "10.10.10.12/24")])
}

/// A bridge as container engines make it, with two containers.
fn containers(host: &Netns) -> [Netns; 2] {
    sh(
        host,
        "ip link add docker0 type bridge
         ip address add 172.17.0.1/16 dev docker0; ip link set docker0 up",
    );
    [
        ("container1", "172.17.0.2/16"),
        ("container2", "172.17.0.3/16"),
    ]
    .map(|(name, address)| {
        let container = Netns::new(name);
        sh(
            host,
            &format!(
                "ip link add {name} type veth peer name eth0 netns {name}
                 ip link set {name} master docker0 up"
            ),
        );
        let up = format!("ip address add {address} dev eth0; ip link set eth0 up");
        sh(&container, &up);
        container
    })
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ports_of_a_bridge_with_containers_are_never_said_to_answer_arp() {
    let site = site();
    let web1 = site.host("web1");
    let _containers = containers(web1);
    let _web = web1.enter(|| TcpListener::bind("0.0.0.0:80").unwrap());
    web1.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
    sh(web1, "ping -c 1 172.17.0.2; ping -c 1 10.10.10.1");
    let checked = "healthy: checked as real server for 10.10.10.100 (direct)\n";
    assert_eq!(healthy(web1, "doctor"), checked);
    // In no network of the host, and nobody says which device leads to the clients.
    sh(web1, "ip address add 192.0.2.100/32 dev lo");
    let line = "doctor --vip 192.0.2.100";
    let said = found(web1, line);
    assert!(
        said.contains("docker0 answers ARP for 192.0.2.100\n"),
        "{said}"
    );
    for port in ["container1", "container2"] {
        assert!(!said.contains(port), "{port} in {said}");
    }
    sh(web1, "ip route add default via 10.10.10.1");
    let said = healthy(web1, line);
    assert!(!said.contains("ARP"), "{said}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_bridge_in_the_network_of_the_vip_is_looked_at_and_not_its_port() {
    let site = site();
    let (client, web1) = (site.host("client"), site.host("web1"));
    sh(
        web1,
        "ip link add br0 type bridge; ip address flush dev eth0
         ip link set eth0 master br0; ip link set br0 up
         ip address add 10.10.10.12/24 dev br0; ip address add 10.10.10.100/32 dev lo
         sysctl -w net.ipv4.conf.eth0.arp_ignore=1 net.ipv4.conf.eth0.arp_announce=2",
    );
    let _web = web1.enter(|| TcpListener::bind("0.0.0.0:80").unwrap());
    // What is set on the port has no effect.
    assert_eq!(answers(client), [mac(web1, "br0")]);
    let line = "doctor --vip 10.10.10.100";
    let said = found(web1, line);
    assert!(
        said.contains("br0 answers ARP for 10.10.10.100\n"),
        "{said}"
    );
    sh(
        web1,
        "sysctl -w net.ipv4.conf.eth0.arp_ignore=0 net.ipv4.conf.eth0.arp_announce=0",
    );
    let fix = "ipvs-rs real-server up --vip 10.10.10.100 --device br0";
    assert_eq!(remedies(&said)[0], fix, "{said}");
    sh(web1, fix);
    assert_eq!(answers(client), [""; 0]);
    let checked = "healthy: checked as real server for 10.10.10.100 (direct)\n";
    assert_eq!(healthy(web1, line), checked);
}
