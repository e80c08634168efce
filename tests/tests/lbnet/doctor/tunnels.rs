//! Mistakes of real servers that packets come to in packets.

use std::{net::TcpListener, process::Command};

use lbnet::doctor::{ExpectedServer, FindingKind};
use lbnet::{GreChecksum, GueListener, OuterFamily, Tunnel};

use super::real_server::{check, machine as quiet};
use super::{Mistake, each_is_found_and_fixed, notes, serious, sh};
use crate::machine::{Machine, VIP, real_server};

const VIP6: &str = "fd00::100";
const LOCAL: &str = "10.10.10.11";
const LOCAL6: &str = "fd00::11";

/// A host that takes no packets apart yet, with all modules that are wanted.
fn machine() -> (Machine, TcpListener) {
    let modules = "ipv6 ipip sit ip6_tunnel ip_gre ip6_gre fou";
    let modules = ["--quiet", "--all"].into_iter().chain(modules.split(' '));
    let _ = Command::new("modprobe").args(modules).status();
    let (machine, _) = quiet();
    let web = machine
        .netns
        .enter(|| TcpListener::bind("[::]:80").unwrap());
    sh(&machine, "ip address add fd00::11/64 dev eth0 nodad");
    machine.host(async |host| real_server(VIP6).up(host).await.unwrap());
    (machine, web)
}

fn expected(vip: &str, tunnel: Tunnel, local: &str) -> ExpectedServer {
    ExpectedServer::tunnel(vip.parse().unwrap(), tunnel.local(local.parse().unwrap()))
}

/// Adds a device; `rp_filter` is off unless somebody switches it on.
fn add(machine: &Machine, device: &str) {
    sh(
        machine,
        &format!("ip link add in type {device}; ip link set in up"),
    );
    let quiet = "sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.in.rp_filter=0";
    sh(machine, quiet);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn every_tunnel_needs_its_device_up() {
    let gre = Tunnel::gre(GreChecksum::None);
    let with_checksum = Tunnel::gre(GreChecksum::Full);
    let (machine, _web) = machine();
    let (missing, down) = (FindingKind::TunnelMissing, FindingKind::TunnelDown);
    // A device that came with a module may do, and is down.
    for (vip, tunnel, local, before, device) in [
        (
            VIP,
            Tunnel::ipip(),
            LOCAL,
            down,
            "ipip local 10.10.10.11 remote any",
        ),
        (
            VIP6,
            Tunnel::ipip(),
            LOCAL,
            down,
            "sit local 10.10.10.11 remote any",
        ),
        (
            VIP,
            Tunnel::ipip(),
            LOCAL6,
            missing,
            "ip6tnl mode any local fd00::11 remote any",
        ),
        (
            VIP6,
            Tunnel::ipip(),
            LOCAL6,
            down,
            "ip6tnl mode ip6ip6 local fd00::11 remote any",
        ),
        (VIP, gre, LOCAL, down, "gre local 10.10.10.11 remote any"),
        (VIP6, gre, LOCAL, down, "gre local 10.10.10.11 remote any"),
        (
            VIP,
            with_checksum,
            LOCAL,
            missing,
            "gre local 10.10.10.11 remote any icsum",
        ),
        (VIP, gre, LOCAL6, down, "ip6gre local fd00::11 remote any"),
        (
            VIP6,
            with_checksum,
            LOCAL6,
            missing,
            "ip6gre local fd00::11 remote any icsum",
        ),
    ] {
        let expected = expected(vip, tunnel, local);
        let found = check(&machine, &expected);
        assert_eq!(serious(&found), [before], "{device}");
        add(&machine, device);
        each_is_found_and_fixed(
            &machine,
            &|machine| check(machine, &expected),
            &[Mistake::new("ip link set in down", FindingKind::TunnelDown)],
        );
        sh(&machine, "ip link delete in");
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn devices_that_came_with_the_modules_will_do_but_not_for_everything() {
    let (machine, _web) = machine();
    sh(&machine, "sysctl -w net.ipv4.conf.all.rp_filter=0");
    for device in ["tunl0", "sit0", "ip6tnl0", "gre0", "ip6gre0"] {
        sh(
            &machine,
            &format!("ip link set {device} up; sysctl -w net.ipv4.conf.{device}.rp_filter=0"),
        );
    }
    let gre = Tunnel::gre(GreChecksum::None);
    for (vip, tunnel, local) in [
        (VIP, Tunnel::ipip(), LOCAL),
        (VIP6, Tunnel::ipip(), LOCAL),
        (VIP6, Tunnel::ipip(), LOCAL6),
        (VIP, gre, LOCAL),
        (VIP6, gre, LOCAL6),
    ] {
        let findings = check(&machine, &expected(vip, tunnel, local));
        assert_eq!(serious(&findings), [], "{vip} {tunnel}: {findings}");
    }
    let with_checksum = Tunnel::gre(GreChecksum::Full);
    for (vip, tunnel, local, said) in [
        (
            VIP,
            with_checksum,
            LOCAL,
            "gre0 drops GRE packets with checksums (it has no icsum)",
        ),
        (
            VIP,
            Tunnel::ipip(),
            LOCAL6,
            "ip6tnl0 decapsulates only IPv6 packets",
        ),
    ] {
        let findings = check(&machine, &expected(vip, tunnel, local));
        assert_eq!(serious(&findings), [FindingKind::TunnelOfWrongMode]);
        assert_eq!(findings.iter().next().unwrap().problem, said);
    }
    // What these tunnels need is another mode.
    sh(&machine, "ip -6 tunnel change ip6tnl0 mode any");
    let through_ipv6 = expected(VIP, Tunnel::ipip(), LOCAL6);
    assert_eq!(serious(&check(&machine, &through_ipv6)), []);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_for_others_is_not_one() {
    let (machine, _web) = machine();
    let tunnel = Tunnel::gre(GreChecksum::Full);
    let expected = ExpectedServer::tunnel(VIP.parse().unwrap(), tunnel);
    for (device, said) in [
        (
            "gre local 10.9.9.9 remote any icsum",
            "in accepts only packets to 10.9.9.9",
        ),
        (
            "gre local 10.10.10.11 remote 10.9.9.9 icsum",
            "in accepts only packets from 10.9.9.9",
        ),
    ] {
        add(&machine, device);
        let findings = check(&machine, &expected);
        assert_eq!(serious(&findings), [FindingKind::TunnelOfWrongMode]);
        assert_eq!(findings.iter().next().unwrap().problem, said);
        sh(&machine, "ip link delete in");
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn packets_that_came_out_are_not_filtered() {
    let (machine, _web) = machine();
    add(&machine, "ipip local 10.10.10.11 remote any");
    let expected = ExpectedServer::tunnel(VIP.parse().unwrap(), Tunnel::ipip());
    let set = |device: &str, value| format!("sysctl -w net.ipv4.conf.{device}.rp_filter={value}");
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &expected),
        &[
            Mistake::new(&set("in", 1), FindingKind::RpFilterDrops),
            Mistake::new(&set("in", 2), FindingKind::RpFilterDrops),
            Mistake::new(&set("all", 1), FindingKind::RpFilterDrops),
        ],
    );
    // The other device is as strict as it was.
    assert_eq!(
        sh(&machine, "sysctl -n net.ipv4.conf.eth0.rp_filter"),
        "1\n"
    );
    // Loose filtering minds no device with an address.
    sh(&machine, &set("in", 2));
    sh(&machine, "ip address add 10.10.10.100/32 dev in");
    assert_eq!(serious(&check(&machine, &expected)), []);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn gue_needs_a_listener_of_its_family() {
    let (machine, web) = machine();
    add(&machine, "ipip local 10.10.10.11 remote any");
    let port = 6080.try_into().unwrap();
    let expected = ExpectedServer::tunnel(VIP.parse().unwrap(), Tunnel::gue(port));
    let found = || serious(&check(&machine, &expected));
    assert_eq!(found(), [FindingKind::GueListenerMissing]);
    for (family, left) in [
        (OuterFamily::Ipv6, vec![FindingKind::GueListenerMissing]),
        (OuterFamily::Ipv4, vec![]),
    ] {
        let listener = GueListener::new(port, family);
        machine.host(async |host| host.add_listener(listener).await.unwrap());
        assert_eq!(found(), left, "{family}");
    }
    // That one serves no clients.
    drop(web);
    assert_eq!(found(), [FindingKind::NothingListens]);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn clients_are_told_to_send_what_fits() {
    let (machine, _web) = machine();
    add(&machine, "ipip local 10.10.10.11 remote any");
    sh(&machine, "ip route add default via 10.10.10.1 metric 50");
    sh(&machine, "ip -6 route add default via fd00::1");
    for vip in [VIP, VIP6] {
        let expected = ExpectedServer::tunnel(vip.parse().unwrap(), Tunnel::ipip());
        let findings = check(&machine, &expected);
        assert_eq!(notes(&findings), [FindingKind::TunnelMtu], "{findings}");
        let note = findings.iter().find(|it| it.kind == FindingKind::TunnelMtu);
        super::fix(&machine, note.unwrap());
        assert_eq!(notes(&check(&machine, &expected)), []);
    }
}
