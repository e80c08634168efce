//! Hosts whose device shares its cable: with other devices of the host, or with another host.

use super::segment::{answers, mac};
use super::traffic::{serve, served};
use super::{found, healthy, kinds, remedies, sh};
use crate::common::program::{done, refused, shown};
use ipvs_lab::netns::Netns;
use ipvs_lab::process;
use ipvs_lab::site::Site;

const ON_DEVICE: &str = "real-server up --vip 10.10.10.100 --device eth0 --place device";

/// A client, a director with VIPs of both families, and a host for a real server.
fn site() -> Site {
    let site = Site::new(&[
        ("client", "10.10.10.1/24"),
        ("director", "10.10.10.11/24"),
        ("parent", "10.10.10.9/24"),
    ]);
    let _ = process::output("modprobe", &["-a", "ip_vs", "ipvlan", "macvlan"]);
    for (host, address) in [
        ("client", "fd00::1/64"),
        ("director", "fd00::11/64"),
        ("parent", "fd00::9/64"),
    ] {
        let add = format!("ip address add {address} dev eth0 nodad");
        sh(site.host(host), &add);
    }
    site.host("director").enter(|| {
        done("add-service -t 10.10.10.100:80 -s rr");
        done("add-service -t [fd00::100]:80 -s rr");
        shown("director up --vip 10.10.10.100/24 --device eth0 --claim");
        shown("director up --vip fd00::100 --device eth0 --claim");
    });
    site
}

fn hosts(site: &Site) -> [&Netns; 3] {
    ["client", "director", "parent"].map(|name| site.host(name))
}

/// Why a VIP is not on another device than an ipvlan, and what to do instead.
fn not_delivered(vip: &str, instead: &str) -> String {
    format!(
        "eth0 does not receive packets for {vip} on another device: as an ipvlan, it receives only \
         packets for its own addresses; {instead}"
    )
}

/// A container whose eth0 is an ipvlan of the parent's.
fn contained(parent: &Netns, mode: &str) -> Netns {
    let web = Netns::new("web1");
    sh(
        parent,
        &format!(
            "ip link add link eth0 name ipvlan0 type ipvlan mode {mode}
             ip link set ipvlan0 netns web1 name eth0"
        ),
    );
    sh(&web, "ip link set lo up; ip link set eth0 up");
    serve(&web, "web1", 80);
    web
}

/// Once duplicate detection has ended.
fn state(host: &Netns) -> String {
    sh(
        host,
        "while ip address show tentative | grep -q inet6; do sleep 0.1; done
         ip -d address; ip route show table all; ip -6 route show table all; ip rule
         grep -r . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf 2>/dev/null | grep -v stable_secret",
    )
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_ipvlan_serves_with_the_vip_on_the_device() {
    let site = site();
    let (client, director) = (site.host("client"), site.host("director"));
    let web = contained(site.host("parent"), "l2");
    sh(
        &web,
        "ip address add 10.10.10.12/24 dev eth0; ip address add fd00::12/64 dev eth0 nodad
         sysctl -w net.ipv4.conf.eth0.arp_notify=1 net.ipv6.conf.eth0.keep_addr_on_down=1",
    );
    director.enter(|| done("add-destination -t 10.10.10.100:80 -r 10.10.10.12"));
    let before = state(&web);
    web.enter(|| {
        refused(
            "real-server up --vip 10.10.10.100 --device eth0",
            &not_delivered("10.10.10.100", "add the VIP to the device: --place device"),
        );
    });
    assert_eq!(state(&web), before);

    web.enter(|| shown(ON_DEVICE));
    assert_eq!(served(client, "10.10.10.100:80", 4), 4);
    assert_eq!(answers(client), [mac(director, "eth0")]);
    healthy(&web, "doctor");
    let again = web.enter(|| shown(ON_DEVICE));
    assert!(
        again.lines().all(|line| line.ends_with(" already")),
        "{again}"
    );
    // A device that comes up announces its addresses if arp_notify is on.
    sh(client, "ping -c 1 10.10.10.100");
    sh(&web, "ip link set eth0 down; ip link set eth0 up; sleep 2");
    let known = sh(client, "ip neighbour show 10.10.10.100");
    assert!(known.contains(&mac(director, "eth0")), "{known}");
    assert_eq!(served(client, "10.10.10.100:80", 4), 4);

    web.enter(|| shown("real-server down --all"));
    assert_eq!(sorted(&state(&web)), sorted(&before));
}

/// A device that was down has its routes in another order.
fn sorted(state: &str) -> Vec<&str> {
    let mut lines: Vec<_> = state.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_on_lo_behind_an_ipvlan_is_found() {
    let site = site();
    let (client, director) = (site.host("client"), site.host("director"));
    let web = contained(site.host("parent"), "l2");
    sh(
        &web,
        "ip address add 10.10.10.12/24 dev eth0; ip address add 10.10.10.100/32 dev lo
         sysctl -w net.ipv4.conf.eth0.arp_ignore=1 net.ipv4.conf.eth0.arp_announce=2",
    );
    director.enter(|| done("add-destination -t 10.10.10.100:80 -r 10.10.10.12"));
    assert_eq!(served(client, "10.10.10.100:80", 2), 0);
    let said = found(&web, "doctor --vip 10.10.10.100");
    assert!(said.contains("eth0 is an ipvlan"), "{said}");
    let fixes = remedies(&said);
    assert_eq!(
        fixes,
        [
            "ip address delete 10.10.10.100/32 dev lo",
            "ipvs-rs real-server up --vip 10.10.10.100 --device eth0 --place device",
        ],
        "{said}"
    );
    for fix in fixes {
        sh(&web, fix);
    }
    healthy(&web, "doctor");
    assert_eq!(served(client, "10.10.10.100:80", 4), 4);
    // Somebody sets what is right for a VIP on lo.
    sh(&web, "sysctl -w net.ipv4.conf.eth0.arp_ignore=1");
    assert_eq!(kinds(&web), ["vip_on_wrong_device"]);
    for fix in remedies(&found(&web, "doctor")) {
        sh(&web, fix);
    }
    healthy(&web, "doctor");
    assert_eq!(answers(client), [mac(director, "eth0")]);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_ipvlan_serves_an_ipv6_vip_through_a_tunnel() {
    let site = site();
    let (client, director) = (site.host("client"), site.host("director"));
    let web = contained(site.host("parent"), "l2");
    sh(&web, "ip address add fd00::12/64 dev eth0 nodad; sleep 2");
    director.enter(|| done("add-destination -t [fd00::100]:80 -r [fd00::12]:80 --tunnel ipip"));
    web.enter(|| {
        refused(
            "real-server up --vip fd00::100 --device eth0",
            &not_delivered("fd00::100", "use a tunnel, such as --forward ipip"),
        );
        refused(
            "real-server up --vip fd00::100 --device eth0 --place device",
            "fd00::100 cannot be on eth0: this host would answer neighbour discovery for it, and \
             clients would bypass the director; use a tunnel, such as --forward ipip",
        );
        shown("real-server up --vip fd00::100 --device eth0 --forward ipip");
    });
    assert_eq!(served(client, "[fd00::100]:80", 4), 4);
    healthy(&web, "doctor");
}

/// It does neither ARP nor neighbour discovery.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_ipvlan_of_layer_3_serves_both_families() {
    let site = site();
    let [client, director, parent] = hosts(&site);
    let web = contained(parent, "l3");
    sh(
        &web,
        "ip address add 10.10.20.12/24 dev eth0; ip address add fd20::12/64 dev eth0 nodad
         ip route add default dev eth0; ip -6 route add default dev eth0",
    );
    sh(
        parent,
        "sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
    );
    for host in [client, director] {
        sh(
            host,
            "ip route add 10.10.20.0/24 via 10.10.10.9; ip route add fd20::/64 via fd00::9",
        );
    }
    director.enter(|| {
        done("add-destination -t 10.10.10.100:80 -r 10.10.20.12");
        done("add-destination -t [fd00::100]:80 -r [fd20::12]:80");
    });
    let before = state(&web);
    web.enter(|| {
        shown(ON_DEVICE);
        shown("real-server up --vip fd00::100 --device eth0 --place device");
    });
    // Neighbours are found before the clock runs.
    sh(client, "ping -c 1 10.10.20.12; ping -c 1 fd20::12");
    assert_eq!(served(client, "10.10.10.100:80", 4), 4);
    assert_eq!(served(client, "[fd00::100]:80", 4), 4);
    assert_eq!(answers(client), [mac(director, "eth0")]);
    web.enter(|| shown("real-server down --all"));
    assert_eq!(state(&web), before);
}

/// The parent gets the same requests as the macvlan, and the kernel would answer on both.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_macvlan_and_its_parent_do_not_answer_for_the_vip() {
    let site = site();
    let [client, director, web] = hosts(&site);
    serve(web, "web1", 80);
    sh(
        web,
        "ip address flush dev eth0; ip link add link eth0 name mac0 type macvlan mode bridge
         ip link set mac0 up; ip address add 10.10.10.12/24 dev mac0",
    );
    director.enter(|| done("add-destination -t 10.10.10.100:80 -r 10.10.10.12"));
    let before = state(web);
    let said = web.enter(|| shown("real-server up --vip 10.10.10.100 --device mac0"));
    assert!(
        said.contains("set net.ipv4.conf.eth0.arp_ignore = 1 (was 0)\n"),
        "{said}"
    );
    assert_eq!(answers(client), [mac(director, "eth0")]);
    assert_eq!(served(client, "10.10.10.100:80", 4), 4);
    healthy(web, "doctor");
    web.enter(|| shown("real-server down --all"));
    assert_eq!(state(web), before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_on_a_macvlan_serves_although_the_parent_answers_too() {
    let site = site();
    let [client, director, web] = hosts(&site);
    serve(web, "web1", 80);
    web.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
    director.enter(|| shown("director down --all"));
    sh(
        director,
        "ip address flush dev eth0; ip link add link eth0 name mac0 type macvlan mode bridge
         ip link set mac0 up; ip address add 10.10.10.11/24 dev mac0; sleep 1",
    );
    director.enter(|| {
        done("add-destination -t 10.10.10.100:80 -r 10.10.10.9");
        let up = shown("director up --vip 10.10.10.100/24 --device mac0");
        let off = "set net.ipv4.conf.eth0.send_redirects = 0 (was 1)\n";
        assert!(up.contains(off), "{up}");
    });
    for _ in 0..3 {
        sh(client, "ip neighbour flush all");
        assert_eq!(served(client, "10.10.10.100:80", 2), 2);
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_on_an_ipvlan_has_its_vip_on_the_device() {
    let site = site();
    let client = site.host("client");
    let director = contained(site.host("parent"), "l2");
    site.host("director").enter(|| shown("director down --all"));
    sh(&director, "ip address add 10.10.10.12/24 dev eth0");
    let web = site.host("director");
    serve(web, "web", 80);
    web.enter(|| {
        done("flush --yes");
        shown("real-server up --vip 10.10.10.100 --device eth0")
    });
    director.enter(|| {
        done("add-service -t 10.10.10.100:80 -s rr");
        done("add-destination -t 10.10.10.100:80 -r 10.10.10.11");
        refused(
            "director up --vip 10.10.10.100 --device eth0 --place lo",
            &not_delivered("10.10.10.100", "add the VIP to the device: --place device"),
        );
        refused(
            "director up --vip 10.10.10.100 --device eth0 --gateway eth0",
            "eth0 cannot be the device of a gateway: as an ipvlan, it receives only packets for its \
             own addresses, not what real servers send to clients",
        );
        shown("director up --vip 10.10.10.100/24 --device eth0");
    });
    assert_eq!(served(client, "10.10.10.100:80", 4), 4);
}

/// As the kernel's documentation recommends it: the table of the VRF before that of local addresses.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vrf_that_comes_first_serves_with_the_vip_on_the_device() {
    let site = site();
    let [client, director, web] = hosts(&site);
    serve(web, "web1", 80);
    sh(
        web,
        "modprobe vrf; sysctl -w net.ipv4.tcp_l3mdev_accept=1
         ip link add red type vrf table 10; ip link set red up; ip link set eth0 master red
         ip address add 10.10.10.9/24 dev eth0 || true
         ip route add default via 10.10.10.1 table 10",
    );
    let up = "real-server up --vip 10.10.10.100 --device eth0";
    director.enter(|| done("add-destination -t 10.10.10.100:80 -r 10.10.10.9"));
    web.enter(|| shown(up));
    assert_eq!(served(client, "10.10.10.100:80", 4), 4);
    web.enter(|| shown("real-server down --all"));
    for family in ["-4", "-6"] {
        let behind = "rule add pref 32765 lookup local";
        sh(
            web,
            &format!("ip {family} {behind}; ip {family} rule delete pref 0"),
        );
    }
    let before = state(web);
    let refusal = |vip: &str, instead: &str| {
        format!(
            "eth0 does not receive packets for {vip} on another device: the kernel looks at the table \
             of its VRF red before it looks for local addresses; {instead}"
        )
    };
    web.enter(|| {
        let on_device = "add the VIP to the device: --place device";
        refused(up, &refusal("10.10.10.100", on_device));
        let first = "add a rule for local addresses before it: ip -6 rule add pref 0 lookup local";
        let up = "real-server up --vip fd00::100 --device eth0";
        refused(up, &refusal("fd00::100", first));
        shown(ON_DEVICE);
    });
    assert_eq!(served(client, "10.10.10.100:80", 4), 4);
    assert_eq!(answers(client), [mac(director, "eth0")]);
    healthy(web, "doctor");
    web.enter(|| shown("real-server down --all"));
    assert_eq!(state(web), before);
}
