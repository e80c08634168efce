//! When a director sends ICMP redirects, which would lead others past it: only for packets that it
//! forwards. Packets to a VIP end in the director, and IPVS sends them on.

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use ipvs::{Destination, Encapsulation, Forwarding, Service};
use ipvs_lab::netns::Netns;
use ipvs_lab::process;
use ipvs_lab::site::Site;
use nix::errno::Errno;

use crate::common::traffic::{connect_from, echo_at, talk_to};
use crate::common::{client, endpoint};

const VIP: &str = "10.10.10.100:80";

/// A client, a director that may send redirects, and a real server.
fn site(server: &str) -> Site {
    let site = Site::new(&[
        ("client", "10.10.10.1/24"),
        ("director", "10.10.10.11/24"),
        ("web1", server),
    ]);
    let _ = process::output("modprobe", &["ip_vs"]);
    sh(
        site.host("director"),
        "ip address add 10.10.10.100/32 dev eth0
         sysctl -w net.ipv4.conf.all.send_redirects=1 net.ipv4.conf.eth0.send_redirects=1",
    );
    site.host("web1").enter(|| echo_at("0.0.0.0:80"));
    site
}

fn sh(host: &Netns, line: &str) -> String {
    host.enter(|| process::run("sh", &["-ec", line]))
}

fn balance(director: &Netns, server: &str, forwarding: Forwarding) {
    let server = Destination::new(endpoint(server)).forwarding(forwarding);
    let service = Service::tcp(endpoint(VIP)).scheduler("rr".parse().unwrap());
    director.enter(|| {
        let mut ipvs = client();
        ipvs.add_service(&service).unwrap();
        ipvs.add_destination(service.id, &server).unwrap();
    });
}

fn forward(director: &Netns, value: u8) {
    sh(director, &format!("sysctl -w net.ipv4.ip_forward={value}"));
}

/// How many redirects a host has sent.
fn sent(host: &Netns) -> u64 {
    counted(host, "OutRedirects")
}

fn counted(host: &Netns, name: &str) -> u64 {
    let counters = sh(host, "grep ^Icmp: /proc/net/snmp");
    let mut lines = counters.lines().map(str::split_whitespace);
    let (names, values) = (lines.next().unwrap(), lines.next().unwrap());
    let mut counters = names.zip(values);
    let (_, value) = counters.find(|(it, _)| *it == name).unwrap();
    value.parse().unwrap()
}

#[track_caller]
fn none_is_sent(site: &Site) {
    for forwarding in [0, 1] {
        forward(site.host("director"), forwarding);
        for _ in 0..4 {
            site.host("client").enter(|| talk_to(VIP));
        }
        assert_eq!(sent(site.host("director")), 0, "ip_forward {forwarding}");
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn with_direct_routing_no_redirects_are_sent() {
    let site = site("10.10.10.12/24");
    sh(
        site.host("web1"),
        "sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
         ip address add 10.10.10.100/32 dev lo",
    );
    balance(site.host("director"), "10.10.10.12:80", Forwarding::Direct);
    none_is_sent(&site);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn through_a_tunnel_no_redirects_are_sent() {
    let site = site("10.10.10.12/24");
    sh(
        site.host("web1"),
        "sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
         modprobe ipip; ip link set tunl0 up; ip address add 10.10.10.100/32 dev tunl0
         sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.tunl0.rp_filter=0",
    );
    balance(
        site.host("director"),
        "10.10.10.12:80",
        Forwarding::Tunnel(Encapsulation::Ipip),
    );
    none_is_sent(&site);
}

/// The real server's network is on the clients' device, so its replies leave by the device they came by.
fn masqueraded() -> Site {
    let site = site("10.10.20.12/24");
    let director = site.host("director");
    sh(director, "ip address add 10.10.20.11/24 dev eth0");
    sh(site.host("web1"), "ip route add default via 10.10.20.11");
    balance(director, "10.10.20.12:80", Forwarding::Masquerade);
    forward(director, 1);
    site
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_server_whose_replies_leave_by_the_device_they_came_by_is_led_past_the_director() {
    let site = masqueraded();
    let (near, director) = (site.host("client"), site.host("director"));
    sh(near, "ip route add default via 10.10.10.11");
    // A redirect that arrives while the server's socket is still sending is dropped.
    sh(director, "tc qdisc add dev eth0 root netem delay 20ms");
    let falls_silent = near.enter(|| {
        let mut talk = talk_to(VIP);
        talk.set_read_timeout(Some(Duration::from_millis(500)))
            .unwrap();
        (0..5).any(|_| {
            thread::sleep(Duration::from_millis(300));
            talk.write_all(b"there?").unwrap();
            talk.read_exact(&mut [0; 6]).is_err()
        })
    });
    assert!(falls_silent);
    assert!(sent(director) > 0);
    let way = sh(site.host("web1"), "ip route get 10.10.10.1");
    assert!(way.contains("redirected"), "{way}");
    let again = near.enter(|| connect_from("10.10.10.1:40000", VIP, 0).map(drop));
    assert_eq!(again, Err(Errno::ETIMEDOUT));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn no_redirects_are_sent_without_forwarding_or_with_both_settings_off() {
    for off in [
        "net.ipv4.conf.eth0.forwarding=0",
        "net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0",
    ] {
        let site = masqueraded();
        let (near, director) = (site.host("client"), site.host("director"));
        sh(director, &format!("sysctl -w {off}"));
        let _ = near.enter(|| connect_from("10.10.10.1:40000", VIP, 0));
        assert_eq!(sent(director), 0, "{off}");
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn replies_that_leave_by_another_device_make_no_redirects() {
    let site = site("10.10.20.12/24");
    let director = site.host("director");
    process::run(
        "sh",
        &[
            "-ec",
            "ip -n switch link add director2 type veth peer name eth1 netns director
             ip -n switch link set director2 master bridge up",
        ],
    );
    sh(
        director,
        "ip address add 10.10.20.11/24 dev eth1; ip link set eth1 up
         sysctl -w net.ipv4.conf.eth1.send_redirects=1",
    );
    sh(site.host("web1"), "ip route add default via 10.10.20.11");
    balance(director, "10.10.20.12:80", Forwarding::Masquerade);
    forward(director, 1);
    for _ in 0..4 {
        site.host("client").enter(|| talk_to(VIP));
    }
    assert_eq!(sent(director), 0);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn redirects_for_replies_of_direct_routing_go_to_the_director_itself() {
    let site = site("10.10.10.12/24");
    let (near, director, web1) = (
        site.host("client"),
        site.host("director"),
        site.host("web1"),
    );
    // The client is in another network, to which the director is the gateway, on one device.
    sh(
        near,
        "ip address add 10.10.40.1/24 dev eth0; ip route add 10.10.10.100 dev eth0 src 10.10.40.1",
    );
    sh(
        director,
        "ip address add 10.10.40.11/24 dev eth0; sysctl -w net.ipv4.conf.eth0.accept_local=1
         sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0",
    );
    sh(
        web1,
        "sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
         ip address add 10.10.10.100/32 dev lo; ip route add default via 10.10.10.11",
    );
    balance(director, "10.10.10.12:80", Forwarding::Direct);
    forward(director, 1);
    for _ in 0..4 {
        near.enter(|| talk_to(VIP));
    }
    assert!(sent(director) > 0);
    assert_eq!(counted(director, "InRedirects"), sent(director));
    assert_eq!(counted(web1, "InRedirects"), 0);
}
