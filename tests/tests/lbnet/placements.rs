//! Where a director can have its VIP, and what it passes on.

use ipvs_lab::process;
use lbnet::{
    ConfTarget, Conflict, Director, Error, Ipv4Conf, Ipv4Setting, Ipv6Conf, Placement, Sysctl,
    VsSetting,
};

use crate::machine::{
    Machine, VIP, device, director, lines, on_all, on_eth0, on_host, real_server,
};
use crate::neighbours::{ip, look_for_vip, mac, site};

fn elsewhere() -> [(Placement, &'static str); 3] {
    [
        (Placement::Loopback, "added 10.10.10.100/32 to lo"),
        (
            Placement::Dummy(device("ipvs0")),
            "added the device ipvs0 (dummy)",
        ),
        (Placement::Route, "added the local route to 10.10.10.100"),
    ]
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_answers_for_an_ipv4_vip_wherever_it_is() {
    let (site, journal) = (site(), tempfile::tempdir().unwrap());
    let (client, host) = (site.host("client"), site.host("director"));
    for (placement, first) in elsewhere() {
        let vip = Director::new(VIP.parse().unwrap(), device("eth0")).unannounced();
        let vip = vip.placement(placement);
        on_host(host, journal.path(), async |host| {
            let up = lines(&vip.up(host).await.unwrap());
            // After send_redirects, which is the same for all.
            assert_eq!(up[2], first);
        });
        assert_eq!(look_for_vip(client), Some(mac(host)), "{vip:?}");
        ip(client, "neighbour flush all");
        on_host(host, journal.path(), async |host| {
            vip.down(host).await.unwrap()
        });
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_is_elsewhere_is_undone_without_a_trace() {
    let machine = Machine::new();
    let before = machine.dump();
    for (placement, _) in elsewhere() {
        for vip in [VIP, "2001:db8::100"] {
            let vip = director(vip).placement(placement.clone());
            machine.host(async |host| {
                assert!(vip.up(host).await.unwrap().changed());
                assert!(!vip.up(host).await.unwrap().changed());
                vip.down(host).await.unwrap();
            });
            machine.assert_unchanged_since(&before);
        }
    }
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_dummy_that_was_there_before_stays() {
    let machine = Machine::new();
    machine.ip("link add ipvs0 type dummy");
    let vip = director(VIP).placement(Placement::Dummy(device("ipvs0")));
    machine.host(async |host| {
        let error = vip.up(host).await.unwrap_err();
        assert_eq!(error.to_string(), "ipvs0 is down: ip link set ipvs0 up");
    });
    machine.ip("link set ipvs0 up");
    let before = machine.dump();
    machine.host(async |host| {
        vip.up(host).await.unwrap();
        vip.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_nobody_would_be_answered_for_is_refused() {
    let machine = Machine::new();
    machine.set_sysctl(&on_all(Ipv4Conf::ArpIgnore), 1);
    let before = machine.dump();
    machine.host(async |host| {
        let error = director(VIP).placement(Placement::Loopback).up(host).await;
        let error = error.unwrap_err();
        assert!(
            matches!(error, Error::Conflict(Conflict::VipNotAnswered { .. })),
            "{error}"
        );
        let reason = "net.ipv4.conf.all.arp_ignore = 1 answers only for addresses of that device";
        assert!(error.to_string().ends_with(reason), "{error}");
    });
    machine.assert_unchanged_since(&before);
}

/// Writing `ip_forward` sets the forwarding of every device, and more.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn passing_on_is_undone_with_all_that_the_kernel_set_along() {
    let machine = Machine::new();
    let forwarding = |target| Sysctl::ipv4_conf(target, Ipv4Conf::Forwarding);
    machine.set_sysctl(&on_all(Ipv4Conf::AcceptRedirects), 0);
    machine.set_sysctl(&forwarding(ConfTarget::Default), 1);
    machine.set_sysctl(&on_eth0(Ipv4Conf::Forwarding), 1);
    let before = machine.dump();
    machine.host(async |host| {
        let vip = director("10.10.10.100/24").masquerade();
        let up = lines(&vip.up(host).await.unwrap());
        assert_eq!(up[0], "set net.ipv4.ip_forward = 1 (was 0)");
        let on = host.read_sysctl(&Sysctl::Ipv4(Ipv4Setting::IpForward));
        assert_eq!(on.unwrap(), 1);
        vip.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_that_passes_ipv6_on_still_listens_to_its_router() {
    let machine = Machine::new();
    let accept_ra = Sysctl::ipv6_conf(ConfTarget::Device(device("eth0")), Ipv6Conf::AcceptRa);
    let on_cable = Sysctl::ipv6_conf(ConfTarget::Device(device("cable")), Ipv6Conf::AcceptRa);
    machine.set_sysctl(&on_cable, 0);
    let before = machine.dump();
    machine.host(async |host| {
        let vip = director("2001:db8::100").masquerade();
        let up = lines(&vip.up(host).await.unwrap());
        assert_eq!(
            up[..2],
            [
                "set net.ipv6.conf.eth0.accept_ra = 2 (was 1)",
                "set net.ipv6.conf.all.forwarding = 1 (was 0)",
            ]
        );
        assert_eq!(host.read_sysctl(&accept_ra).unwrap(), 2);
        assert_eq!(host.read_sysctl(&on_cable).unwrap(), 0);
        vip.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn connections_are_tracked_for_as_long_as_the_director_is_up() {
    process::run("modprobe", &["ip_vs"]);
    let machine = Machine::new();
    let before = machine.dump();
    let conntrack = Sysctl::Vs(VsSetting::Conntrack);
    machine.host(async |host| {
        let vip = director("10.10.10.100/24").track_connections();
        vip.up(host).await.unwrap();
        assert_eq!(host.read_sysctl(&conntrack).unwrap(), 1);
        vip.down(host).await.unwrap();
        assert_eq!(host.read_sysctl(&conntrack).unwrap(), 0);
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn two_directors_of_ipv6_listen_to_the_router_until_the_last_is_down() {
    let machine = Machine::new();
    let before = machine.dump();
    let accept_ra = Sysctl::ipv6_conf(ConfTarget::Device(device("eth0")), Ipv6Conf::AcceptRa);
    let (one, two) = (
        director("2001:db8::100").masquerade(),
        director("2001:db8::200").masquerade(),
    );
    machine.host(async |host| {
        one.up(host).await.unwrap();
        two.up(host).await.unwrap();
        one.down(host).await.unwrap();
        assert_eq!(host.read_sysctl(&accept_ra).unwrap(), 2);
        two.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_dummy_that_somebody_else_uses_by_now_stays() {
    let machine = Machine::new();
    let vip = director(VIP).placement(Placement::Dummy(device("ipvs0")));
    machine.host(async |host| {
        vip.up(host).await.unwrap();
        machine.ip("address add 10.10.10.77/32 dev ipvs0");
        let down = lines(&vip.down(host).await.unwrap());
        let left =
            "left the device ipvs0 (dummy): it has addresses that were not added by a set-up";
        assert_eq!(down.last().map(String::as_str), Some(left));
    });
    let shown = machine.ip("address show ipvs0");
    assert!(
        shown.contains("10.10.10.77/32") && !shown.contains(VIP),
        "{shown}"
    );
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_does_not_silence_the_vip_of_a_director() {
    let machine = Machine::new();
    let vip = director(VIP).placement(Placement::Loopback);
    machine.host(async |host| vip.up(host).await.unwrap());
    let before = machine.dump();
    machine.host(async |host| {
        let error = real_server("10.10.10.200").up(host).await.unwrap_err();
        assert!(
            matches!(error, Error::Conflict(Conflict::VipNotAnswered { .. })),
            "{error}"
        );
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_gateway_s_device_must_be_there() {
    let machine = Machine::new();
    for vip in [VIP, "2001:db8::100"] {
        machine.host(async |host| {
            let vip = director(vip).gateway_on(device("eth9"));
            let error = vip.up(host).await.unwrap_err();
            assert_eq!(
                error.to_string(),
                "no such device: eth9; did you mean eth0?"
            );
        });
    }
    assert!(machine.is_clean());
}
