//! A director's VIP that could be the first address of its network on the device: the source of all
//! that the director sends there.

use super::traffic::served;
use super::{segment, sh};
use crate::common::program::{done, shown};
use ipvs_lab::netns::Netns;
use ipvs_lab::site::Site;

const UP: &str = "director up --vip 10.10.10.100/24 --device eth0 --claim";
const ALONE: &str = "10.10.10.100 gets the prefix /32, not /24: eth0 has no permanent address of \
                     this host in 10.10.10.0/24, so the VIP would be the source of packets to real \
                     servers, which do not answer it\n";

/// A director of one real server, which is set up. The director's own address is left to the test.
fn site() -> Site {
    let site = segment::site();
    let up = "real-server up --vip 10.10.10.100 --device eth0";
    site.host("web1").enter(|| shown(up));
    site.host("director").enter(|| {
        done("add-service -t 10.10.10.100:80 -s rr");
        done("add-destination -t 10.10.10.100:80 -r 10.10.10.12");
    });
    site
}

fn prefix_of_vip(director: &Netns) -> String {
    let line = "ip -brief -4 address show eth0 | grep -o '10.10.10.100/[0-9]*'";
    sh(director, line).trim().to_owned()
}

#[track_caller]
fn assert_served(site: &Site) {
    sh(site.host("director"), "ip neighbour flush all");
    sh(site.host("client"), "ip neighbour flush all");
    assert_eq!(served(site.host("client"), "10.10.10.100:80", 3), 3);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_keeps_its_prefix_behind_a_permanent_address_of_the_director() {
    let site = site();
    let director = site.host("director");
    let said = director.enter(|| shown(UP));
    assert!(!said.contains("/32"), "{said}");
    assert_eq!(prefix_of_vip(director), "10.10.10.100/24");
    assert_served(&site);
}

/// At boot, before a DHCP client has got an address.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_is_there_before_the_own_address_is_not_the_source() {
    let site = site();
    let director = site.host("director");
    sh(director, "ip address flush dev eth0 scope global");
    let before = sh(director, "ip -4 -d address; ip -4 route show table all");
    let said = director.enter(|| shown(UP));
    assert!(said.contains(ALONE), "{said}");
    assert!(said.contains("added 10.10.10.100/32 to eth0\n"), "{said}");
    sh(
        director,
        "ip address add 10.10.10.11/24 dev eth0 valid_lft 600 preferred_lft 600",
    );
    assert_served(&site);
    let route = sh(director, "ip route get 10.10.10.12");
    assert!(route.contains("src 10.10.10.11"), "{route}");
    // It stays as it is, also where the address has become permanent.
    sh(
        director,
        "ip address change 10.10.10.11/24 dev eth0 valid_lft forever preferred_lft forever",
    );
    let again = director.enter(|| shown(UP));
    assert!(
        again.contains("10.10.10.100/32 is on eth0 already\n"),
        "{again}"
    );
    assert_eq!(prefix_of_vip(director), "10.10.10.100/32");
    sh(director, "ip address del 10.10.10.11/24 dev eth0");
    let down = director.enter(|| shown("director down --vip 10.10.10.100/24 --device eth0"));
    assert!(
        down.contains("deleted 10.10.10.100/32 from eth0\n"),
        "{down}"
    );
    assert_eq!(
        sh(director, "ip -4 -d address; ip -4 route show table all"),
        before
    );
}

/// The kernel would promote a VIP that is second to the address of a lease.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_is_not_the_source_after_a_lease_has_ended() {
    let site = site();
    let director = site.host("director");
    sh(
        director,
        "ip address flush dev eth0 scope global
         sysctl -w net.ipv4.conf.eth0.promote_secondaries=1
         ip address add 10.10.10.11/24 dev eth0 valid_lft 600 preferred_lft 600",
    );
    let said = director.enter(|| shown(UP));
    assert!(said.contains(ALONE), "{said}");
    assert_served(&site);
    sh(
        director,
        "ip address del 10.10.10.11/24 dev eth0; ip address add 10.10.10.21/24 dev eth0",
    );
    assert_served(&site);
}

/// The only other addresses of its network are VIPs too.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn another_vip_is_no_address_of_the_director() {
    let site = site();
    let director = site.host("director");
    sh(
        director,
        "ip address flush dev eth0 scope global; ip address add 10.10.10.11/16 dev eth0
         ip address add 10.10.10.99/24 dev eth0",
    );
    director.enter(|| shown("director up --vip 10.10.10.99/24 --device eth0 --claim"));
    let said = director.enter(|| shown(UP));
    assert!(said.contains(ALONE), "{said}");
}

/// What the operator has added stays.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_is_there_with_its_prefix_stays_so() {
    let site = site();
    let director = site.host("director");
    sh(
        director,
        "ip address flush dev eth0 scope global; ip address add 10.10.10.100/24 dev eth0",
    );
    let said = director.enter(|| shown(UP));
    assert!(
        said.contains("10.10.10.100/24 is on eth0 already\n"),
        "{said}"
    );
}
