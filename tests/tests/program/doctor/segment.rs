//! Real servers with more than one device, or with the VIP on a tunnel device.

use super::traffic::{serve, served};
use super::{found, healthy, kinds, remedies, sh};
use crate::common::program::{done, shown, typed};
use ipvs_lab::netns::Netns;
use ipvs_lab::process;
use ipvs_lab::site::Site;

/// A client, a director and a host that serves.
pub(super) fn site() -> Site {
    let site = Site::new(&[
        ("client", "10.10.10.1/24"),
        ("director", "10.10.10.11/24"),
        ("web1", "10.10.10.12/24"),
    ]);
    let _ = process::output("modprobe", &["ip_vs"]);
    serve(site.host("web1"), "web1", 80);
    site
}

/// Plugs a second cable in.
fn second_device(host: &Netns, address: &str) {
    let (name, end) = (host.name(), format!("{}b", host.name()));
    process::run(
        "sh",
        &[
            "-ec",
            &format!(
                "ip -n switch link add name {end} type veth peer name eth1 netns {name}
                 ip -n switch link set {end} master bridge up"
            ),
        ],
    );
    sh(
        host,
        &format!("ip address add {address} dev eth1; ip link set eth1 up"),
    );
    // Until it has an IPv6 address, it is not ready to answer.
    sh(
        host,
        "until ip link show dev eth1 | grep -q LOWER_UP; do sleep 0.1; done",
    );
}

/// The Ethernet addresses of those who answer a client's request for the VIP.
pub(super) fn answers(client: &Netns) -> Vec<String> {
    let line = "arping -b -c 3 -w 4 -I eth0 10.10.10.100 || true";
    let said = sh(client, line);
    let mut macs: Vec<_> = said
        .split(['[', ']'])
        .filter(|it| it.matches(':').count() == 5)
        .map(str::to_lowercase)
        .collect();
    macs.sort_unstable();
    macs.dedup();
    macs
}

pub(super) fn mac(host: &Netns, device: &str) -> String {
    sh(host, &format!("cat /sys/class/net/{device}/address 2>/dev/null || ip -brief link show {device} | awk '{{print $3}}'"))
        .trim()
        .to_owned()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_second_device_in_the_segment_does_not_answer_for_the_vip() {
    for address in ["10.10.10.22/24", "10.10.20.22/24"] {
        let site = site();
        let (client, web1) = (site.host("client"), site.host("web1"));
        web1.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
        second_device(web1, address);
        // Both devices know this neighbour.
        sh(client, "ip address add 10.10.20.1/24 dev eth0");
        sh(web1, "ping -c 1 -I eth0 10.10.10.1");
        sh(
            web1,
            &format!("ping -c 1 -I eth1 {}", address.replace(".22/24", ".1")),
        );

        assert_eq!(answers(client), [mac(web1, "eth1")], "{address}");
        assert_eq!(kinds(web1), ["arp_answered_on_second_device"], "{address}");
        let said = found(web1, "doctor");
        // What was set up knows a second device of the segment by its address.
        let device = if address.starts_with("10.10.10.") {
            "eth0"
        } else {
            "eth1"
        };
        let fix = format!("ipvs-rs real-server up --vip 10.10.10.100 --device {device}");
        assert_eq!(remedies(&said), [fix.as_str()], "{said}");
        sh(web1, &fix);
        healthy(web1, "doctor");
        assert_eq!(answers(client), [""; 0], "{address}");
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_is_quiet_on_all_devices_of_the_segment() {
    // With 3, the kernel does not answer for addresses of host scope.
    for present in ["0", "3"] {
        let site = site();
        let (client, web1) = (site.host("client"), site.host("web1"));
        second_device(web1, "10.10.10.22/24");
        sh(
            web1,
            &format!("sysctl -w net.ipv4.conf.eth1.arp_ignore={present}"),
        );
        let settings = "sysctl -a 2>/dev/null | grep '\\.arp_'";
        let before = sh(web1, settings);
        let up = "real-server up --vip 10.10.10.100 --device eth0";
        let said = web1.enter(|| shown(up));
        let set = said.contains("set net.ipv4.conf.eth1.arp_ignore = 1 (was 0)\n");
        assert_eq!(set, present == "0", "{said}");
        let set = said.contains("set net.ipv4.conf.eth1.arp_announce = 2 (was 0)\n");
        assert!(set, "{said}");
        assert_eq!(answers(client), [""; 0]);
        healthy(web1, "doctor");
        // A device that is switched off for a while stays so.
        sh(web1, "ip link set eth1 down");
        let again = web1.enter(|| shown(up));
        assert!(
            again.contains("net.ipv4.conf.eth1.arp_announce = 2 already\n"),
            "{again}"
        );
        web1.enter(|| shown("real-server down --all"));
        assert_eq!(sh(web1, settings), before);
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_sends_no_redirects_on_any_device_of_the_segment() {
    let site = site();
    let director = site.host("director");
    second_device(director, "10.10.10.21/24");
    let up = "director up --vip 10.10.10.100/24 --device eth0 --claim --forward masquerade";
    let said = director.enter(|| shown(up));
    for device in ["eth0", "eth1"] {
        let line = format!("set net.ipv4.conf.{device}.send_redirects = 0 (was 1)\n");
        assert!(said.contains(&line), "{said}");
    }
    director.enter(|| shown("director down --all"));
    let on = sh(director, "cat /proc/sys/net/ipv4/conf/eth1/send_redirects");
    assert_eq!(on, "1\n");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_in_another_segment_is_left_alone() {
    let site = site();
    let web1 = site.host("web1");
    web1.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
    sh(
        web1,
        "ip link add eth1 type veth peer name cable
         ip link set cable up; ip link set eth1 up; ip address add 10.10.20.12/24 dev eth1",
    );
    healthy(web1, "doctor");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_on_a_tunnel_device_is_looked_at_as_one_of_a_tunnel() {
    let site = site();
    let (client, director, web1) = (
        site.host("client"),
        site.host("director"),
        site.host("web1"),
    );
    director.enter(|| {
        done("add-service -t 10.10.10.100:80 -s rr");
        done("add-destination -t 10.10.10.100:80 -r 10.10.10.12 --tunnel ipip");
        shown("director up --vip 10.10.10.100/24 --device eth0");
    });
    sh(
        web1,
        "modprobe ipip; ip link set tunl0 up; ip address add 10.10.10.100/32 dev tunl0
         sysctl -w net.ipv4.conf.eth0.arp_ignore=1 net.ipv4.conf.eth0.arp_announce=2
         sysctl -w net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.tunl0.rp_filter=1",
    );
    assert_eq!(served(client, "10.10.10.100:80", 2), 0);
    // Nobody says that packets come by a tunnel.
    let said = web1.enter(|| typed("doctor --vip 10.10.10.100", "")).stdout;
    assert!(said.contains("rp_filter is 1 on tunl0"), "{said}");
    for line in remedies(&said) {
        sh(web1, line);
    }
    let said = healthy(web1, "doctor --vip 10.10.10.100");
    assert!(
        said.ends_with("checked as real server for 10.10.10.100 (IPIP)\n"),
        "{said}"
    );
    assert_eq!(served(client, "10.10.10.100:80", 4), 4);
}
