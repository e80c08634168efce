//! A set-up that is asked for again with other options, and what the journal keeps of it.

use lbnet::{Effect, Ipv4Setting, Placement, SetUp, Step, Sysctl, Tunnel};

use ipvs_lab::process;

use crate::machine::{Machine, VIP, device, director, lines, real_server};

fn forwarding(machine: &Machine) -> i64 {
    machine.sysctl(&Sysctl::Ipv4(Ipv4Setting::IpForward))
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_dropped_masquerade_is_undone_and_reported() {
    let machine = Machine::new();
    machine.set_sysctl(&Sysctl::Ipv4(Ipv4Setting::IpForward), 0);
    let before = machine.dump();
    machine.host(async |host| {
        let plain = director("10.10.10.100/24");
        plain.clone().masquerade().up(host).await.unwrap();
        let said = lines(&plain.up(host).await.unwrap());
        assert!(
            said.contains(&"restored net.ipv4.ip_forward = 0 (was 1)".to_owned()),
            "{said:?}"
        );
        assert_eq!(host.set_ups().unwrap(), [SetUp::from(plain.clone())]);
        let again = plain.up(host).await.unwrap();
        assert!(!again.changed(), "{again}");
    });
    assert_eq!(forwarding(&machine), 0);
    machine.host(async |host| {
        director("10.10.10.100/24")
            .down(host)
            .await
            .map(drop)
            .unwrap();
    });
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_another_set_up_needs_stays_when_an_option_is_dropped() {
    let machine = Machine::new();
    machine.set_sysctl(&Sysctl::Ipv4(Ipv4Setting::IpForward), 0);
    machine.host(async |host| {
        let first = director("10.10.10.100/24");
        first.clone().masquerade().up(host).await.unwrap();
        director("10.10.10.101/24")
            .masquerade()
            .up(host)
            .await
            .unwrap();
        first.up(host).await.unwrap();
    });
    assert_eq!(forwarding(&machine), 1);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_new_label_prefix_or_place_replaces_the_old_one() {
    let machine = Machine::new();
    // A VIP is not the first address of its network.
    machine.ip("address add 10.10.10.12/25 dev eth0");
    let before = machine.dump();
    let with_label = |label: &str| director("10.10.10.100/24").label(label);
    let dummy = Placement::Dummy(device("ipvs0"));
    let set_ups = [
        (
            with_label("eth0:0"),
            "10.10.10.100/24 brd 10.10.10.255 scope global secondary eth0:0",
        ),
        (
            with_label("eth0:1"),
            "10.10.10.100/24 brd 10.10.10.255 scope global secondary eth0:1",
        ),
        (
            director("10.10.10.100/24"),
            "10.10.10.100/24 brd 10.10.10.255 scope global secondary eth0",
        ),
        (
            director("10.10.10.100/25"),
            "10.10.10.100/25 brd 10.10.10.127 scope global secondary eth0",
        ),
        (
            director("10.10.10.100").placement(dummy),
            "10.10.10.100/32 scope global ipvs0",
        ),
        (
            director("10.10.10.100"),
            "10.10.10.100/32 scope global eth0",
        ),
    ];
    for (wanted, shown) in set_ups {
        machine.host(async |host| {
            let report = wanted.up(host).await.unwrap();
            assert!(report.changed(), "{shown}: {report}");
            assert_eq!(host.set_ups().unwrap(), [SetUp::from(wanted.clone())]);
            let again = wanted.up(host).await.unwrap();
            assert!(
                again
                    .steps()
                    .iter()
                    .all(|step| step.effect() == Effect::Unchanged),
                "{shown}: {again}"
            );
        });
        let addresses = machine.ip("address show");
        assert!(addresses.contains(shown), "{shown}: {addresses}");
        assert_eq!(addresses.matches(VIP).count(), 1, "{shown}: {addresses}");
    }
    machine.host(async |host| director("10.10.10.100").down(host).await.map(drop).unwrap());
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn another_tunnel_replaces_the_old_one() {
    process::run("modprobe", &["-a", "ipip", "fou", "ip_gre"]);
    let machine = Machine::new();
    machine.ip("address add 10.10.10.13/24 dev eth0");
    let before = machine.dump();
    let gue = Tunnel::gue(6080.try_into().unwrap());
    let local = |tunnel: Tunnel, address: &str| tunnel.local(address.parse().unwrap());
    for tunnel in [
        Some(local(Tunnel::ipip(), "10.10.10.11")),
        Some(local(Tunnel::ipip(), "10.10.10.13")),
        Some(local(gue, "10.10.10.13")),
        Some(local(Tunnel::gre(lbnet::GreChecksum::None), "10.10.10.11")),
        Some(local(Tunnel::gre(lbnet::GreChecksum::Full), "10.10.10.11")),
        None,
    ] {
        let mut server = real_server(VIP);
        if let Some(tunnel) = tunnel {
            server = server.tunnel(tunnel);
        }
        machine.host(async |host| {
            let report = server.up(host).await.unwrap();
            assert!(report.changed(), "{tunnel:?}: {report}");
            assert_eq!(host.set_ups().unwrap(), [SetUp::from(server.clone())]);
            let again = server.up(host).await.unwrap();
            assert!(!again.changed(), "{tunnel:?}: {again}");
        });
        let links = machine.ip("link show");
        let ours = usize::from(tunnel.is_some());
        assert_eq!(
            links.matches(": ipvs-").count(),
            ours,
            "{tunnel:?}: {links}"
        );
    }
    machine.host(async |host| real_server(VIP).down(host).await.map(drop).unwrap());
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_was_set_up_is_given_back_even_if_nothing_had_to_be_changed() {
    let machine = Machine::new();
    machine.set_sysctl(&Sysctl::Ipv4(Ipv4Setting::IpForward), 1);
    machine.ip("address add 10.10.10.100/24 dev eth0");
    machine.host(async |host| {
        let set_ups = [
            SetUp::from(director("10.10.10.100/24").masquerade().unannounced()),
            SetUp::from(director("10.10.10.101/24").label("eth0:1")),
            SetUp::from(real_server("10.10.10.200")),
        ];
        let mut locked = host.lock().await.unwrap();
        for set_up in &set_ups {
            locked.up(set_up).await.unwrap();
        }
        locked.release().await.unwrap();
        assert_eq!(host.set_ups().unwrap(), set_ups);
        for set_up in &set_ups {
            host.undo(&set_up.id()).await.unwrap();
        }
        assert_eq!(host.set_ups().unwrap(), []);
    });
    assert!(machine.is_clean());
    assert!(machine.ip("address show eth0").contains("10.10.10.100/24"));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn reconcile_makes_the_set_ups_exactly_those_that_are_given() {
    let machine = Machine::new();
    let before = machine.dump();
    machine.host(async |host| {
        let directors = ["10.10.10.100/24", "10.10.10.101/24"].map(director);
        let servers = [real_server("10.10.10.200")];
        let report = host.reconcile(&directors, &servers).await.unwrap();
        let announced = report.steps().iter().rev().take(2);
        assert!(
            announced
                .clone()
                .all(|step| matches!(step, Step::Announcement { .. })),
            "{report}"
        );
        let again = host.reconcile(&directors, &servers).await.unwrap();
        assert!(!again.changed(), "{again}");
        host.reconcile(&directors[1..], &[]).await.unwrap();
        let left = SetUp::from(directors[1].clone());
        assert_eq!(host.set_ups().unwrap(), [left]);
        host.reconcile(&[], &[]).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}
