//! Who answers for a VIP, as a client sees it.

use std::{
    net::{IpAddr, UdpSocket},
    thread,
    time::{Duration, Instant},
};

use ipvs_lab::{netns::Netns, process, site::Site};
use lbnet::{Announcement, AnnouncementOutcome, Director, Step};

use crate::machine::{Machine, VIP, device, on_host, real_server};

pub(crate) fn ip(netns: &Netns, arguments: &str) -> String {
    let arguments: Vec<_> = arguments.split_whitespace().collect();
    netns.enter(|| process::run("ip", &arguments))
}

pub(crate) fn mac(netns: &Netns) -> String {
    let link = ip(netns, "-brief link show eth0");
    link.split_whitespace().nth(2).unwrap().to_owned()
}

/// The Ethernet address under which a host knows an address.
fn known_by(netns: &Netns, address: &str) -> Option<String> {
    let entry = ip(netns, &format!("neighbour show {address}"));
    let mut words = entry
        .split_whitespace()
        .skip_while(|word| *word != "lladdr");
    words.nth(1).map(str::to_owned)
}

/// Sends something to the VIP, and waits until it is known whose it is.
pub(crate) fn look_for_vip(netns: &Netns) -> Option<String> {
    look_for(netns, VIP)
}

fn look_for(netns: &Netns, address: &str) -> Option<String> {
    netns.enter(|| {
        let socket = UdpSocket::bind("[::]:0").unwrap();
        let to: IpAddr = address.parse().unwrap();
        let to = match to {
            IpAddr::V4(to) => to.to_ipv6_mapped(),
            IpAddr::V6(to) => to,
        };
        // Refused, unreachable: all the same, the neighbours have been asked.
        let _ = socket.send_to(b"?", (to, 9));
    });
    // Three requests, one second apart, are what the kernel sends before it gives up.
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline {
        let entry = ip(netns, &format!("neighbour show {address}"));
        if entry.contains("lladdr") || entry.contains("FAILED") {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    known_by(netns, address)
}

pub(crate) fn site() -> Site {
    Site::new(&[
        ("client", "10.10.10.1/24"),
        ("director", "10.10.10.11/24"),
        ("web", "10.10.10.12/24"),
    ])
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_does_not_answer_for_its_vip() {
    let (site, journal) = (site(), tempfile::tempdir().unwrap());
    let (client, web) = (site.host("client"), site.host("web"));
    on_host(web, journal.path(), async |host| {
        real_server(VIP).up(host).await.unwrap();
    });
    assert_eq!(look_for_vip(client), None);
    // The measure is not deaf: without the settings the real server answers.
    ip(client, "neighbour flush all");
    web.enter(|| std::fs::write("/proc/sys/net/ipv4/conf/eth0/arp_ignore", "0").unwrap());
    assert_eq!(look_for_vip(client), Some(mac(web)));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn only_the_director_answers_for_the_vip() {
    let (site, journal) = (site(), tempfile::tempdir().unwrap());
    let (client, director, web) = (site.host("client"), site.host("director"), site.host("web"));
    on_host(web, journal.path(), async |host| {
        real_server(VIP).up(host).await.unwrap();
    });
    on_host(director, journal.path(), async |host| {
        let vip = Director::new("10.10.10.100/24".parse().unwrap(), device("eth0")).unannounced();
        vip.up(host).await.unwrap();
    });
    for _ in 0..5 {
        assert_eq!(look_for_vip(client), Some(mac(director)));
        ip(client, "neighbour flush all");
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_announcement_moves_what_a_client_knows() {
    let (site, journal) = (site(), tempfile::tempdir().unwrap());
    let (client, director, web) = (site.host("client"), site.host("director"), site.host("web"));
    ip(web, "address add 10.10.10.100/24 dev eth0");
    assert_eq!(look_for_vip(client), Some(mac(web)));
    ip(web, "address delete 10.10.10.100/24 dev eth0");
    let report = on_host(director, journal.path(), async |host| {
        let vip = "10.10.10.100/24".parse().unwrap();
        // As patient as by default: the client may ignore the first round, so soon after the
        // change.
        let vip = Director::new(vip, device("eth0")).announce(Announcement::default());
        vip.up(host).await.unwrap()
    });
    let last = report.steps().last();
    assert!(
        matches!(
            last,
            Some(Step::Announcement {
                outcome: AnnouncementOutcome::Announced(_),
                ..
            })
        ),
        "{report}"
    );
    assert_eq!(known_by(client, VIP), Some(mac(director)));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_advertisement_moves_what_a_client_knows_of_an_ipv6_vip() {
    const VIP6: &str = "fd10::100";
    let (site, journal) = (site(), tempfile::tempdir().unwrap());
    let (client, director, web) = (site.host("client"), site.host("director"), site.host("web"));
    for (host, number) in site.hosts().zip(1..) {
        ip(
            host,
            &format!("address add fe80::{number}/64 dev eth0 nodad"),
        );
        ip(
            host,
            &format!("address add fd10::{number}/64 dev eth0 nodad"),
        );
    }
    ip(web, "address add fd10::100/128 dev eth0 nodad");
    assert_eq!(look_for(client, VIP6), Some(mac(web)));
    ip(web, "address delete fd10::100/128 dev eth0");
    on_host(director, journal.path(), async |host| {
        let vip = Director::new(VIP6.parse().unwrap(), device("eth0"));
        vip.up(host).await.unwrap();
    });
    assert_eq!(known_by(client, VIP6), Some(mac(director)));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_on_a_device_that_is_down_is_not_announced_and_stays() {
    let machine = Machine::new();
    machine.ip("link set eth0 down");
    let report = machine.host(async |host| {
        crate::machine::director("10.10.10.100/24")
            .up(host)
            .await
            .unwrap()
    });
    let line = "did not announce 10.10.10.100 on eth0: the device is down";
    assert!(
        crate::machine::lines(&report).contains(&line.to_owned()),
        "{report}"
    );
    assert!(machine.ip("address show eth0").contains(VIP));
}
