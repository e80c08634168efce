//! What findings say that clients see is what clients see.

use std::{
    net::{TcpListener, TcpStream, UdpSocket},
    thread,
    time::{Duration, Instant},
};

use ipvs_lab::{netns::Netns, process, site::Site};
use lbnet::doctor::{ExpectedServer, FindingKind, Findings, examine_real_server};

use super::serious;
use crate::machine::{VIP, on_host};

fn sh(host: &Netns, line: &str) -> String {
    host.enter(|| process::run("sh", &["-ec", line]))
}

fn site() -> Site {
    Site::new(&[("client", "10.10.10.1/24"), ("web", "10.10.10.12/24")])
}

fn check(web: &Netns) -> Findings {
    let journal = tempfile::tempdir().unwrap();
    let expected = ExpectedServer::direct(VIP.parse().unwrap());
    on_host(web, journal.path(), async |host| {
        examine_real_server(host, &expected).await.unwrap()
    })
}

fn mac(host: &Netns) -> String {
    let link = sh(host, "ip -brief link show eth0");
    link.split_whitespace().nth(2).unwrap().to_owned()
}

/// The Ethernet address under which the client knows the VIP, once it knows one of the two.
fn learned_by(client: &Netns) -> String {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let known = sh(
            client,
            "ip neighbour show 10.10.10.100; ip neighbour show 10.10.10.12",
        );
        if known.contains("lladdr") || Instant::now() > deadline {
            return sh(client, "ip neighbour show 10.10.10.100");
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Answers a client from the VIP, as a real server does.
fn answer_from_vip(web: &Netns) {
    sh(web, "ip neighbour flush dev eth0");
    web.enter(|| {
        let socket = UdpSocket::bind((VIP, 0)).unwrap();
        socket.send_to(b"!", "10.10.10.1:9").unwrap();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_answer_teaches_a_client_to_go_past_the_director_unless_arp_announce_is_2() {
    let site = site();
    let (client, web) = (site.host("client"), site.host("web"));
    let _web = web.enter(|| TcpListener::bind("0.0.0.0:80").unwrap());
    sh(web, "sysctl -w net.ipv4.conf.eth0.arp_ignore=1");
    sh(web, "ip address add 10.10.10.100/32 dev lo");
    assert_eq!(serious(&check(web)), [FindingKind::ArpAnnouncesVip]);
    answer_from_vip(web);
    let known = learned_by(client);
    assert!(known.contains(&mac(web)), "{known}");

    sh(web, "sysctl -w net.ipv4.conf.eth0.arp_announce=2");
    sh(client, "ip neighbour flush dev eth0");
    assert_eq!(serious(&check(web)), []);
    answer_from_vip(web);
    // It asks for the VIP itself, to complain of the port, and nobody answers.
    let known = learned_by(client);
    assert!(!known.contains("lladdr"), "{known}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn with_its_network_on_lo_a_server_answers_no_client_of_it() {
    let site = site();
    let (client, web) = (site.host("client"), site.host("web"));
    let _web = web.enter(|| TcpListener::bind("0.0.0.0:80").unwrap());
    let quiet = "net.ipv4.conf.eth0.arp_ignore=1 net.ipv4.conf.eth0.arp_announce=2";
    sh(web, &format!("sysctl -w {quiet}"));
    let connects = || {
        client.enter(|| {
            let address = "10.10.10.12:80".parse().unwrap();
            TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok()
        })
    };
    sh(web, "ip address add 10.10.10.100/32 dev lo");
    assert_eq!(serious(&check(web)), []);
    assert!(connects());
    sh(
        web,
        "ip address delete 10.10.10.100/32 dev lo; ip address add 10.10.10.100/24 dev lo",
    );
    assert_eq!(serious(&check(web)), [FindingKind::VipWithWrongPrefix]);
    assert!(!connects());
}
