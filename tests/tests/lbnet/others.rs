//! What others did before, meanwhile and beside.

use lbnet::{Effect, Ipv4Conf, ObjectOutcome, Step, SysctlOutcome};

use crate::machine::{Machine, VIP, address_outcome, director, lines, on_eth0, real_server};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_was_there_before_stays() {
    let machine = Machine::new();
    machine.ip("address add 10.10.10.100/24 dev eth0 label eth0:old");
    machine.ip("address add 10.10.10.200/32 dev lo");
    let before = machine.dump();
    machine.host(async |host| {
        let (director, server) = (director("10.10.10.100/24"), real_server("10.10.10.200"));
        let up = director.up(host).await.unwrap();
        assert!(lines(&up).contains(&"10.10.10.100/24 is on eth0 as eth0:old already".to_owned()));
        assert_eq!(
            *address_outcome(&server.up(host).await.unwrap()),
            ObjectOutcome::AlreadyExists
        );
        assert_eq!(
            *address_outcome(&director.down(host).await.unwrap()),
            ObjectOutcome::AddedByOthers
        );
        assert_eq!(
            *address_outcome(&server.down(host).await.unwrap()),
            ObjectOutcome::AddedByOthers
        );
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_somebody_put_in_place_of_ours_stays() {
    let machine = Machine::new();
    machine.host(async |host| {
        let server = real_server(VIP);
        server.up(host).await.unwrap();
        machine.ip("address delete 10.10.10.100/32 dev lo");
        machine.ip("address add 10.10.10.100/32 dev lo");
        machine.ip("route replace 10.10.10.100 dev lo protocol static");
        let down = server.down(host).await.unwrap();
        let left = down
            .steps()
            .iter()
            .filter(|step| step.effect() == Effect::LeftAlone)
            .count();
        assert_eq!(left, 2, "{down}");
    });
    assert!(machine.ip("address show lo").contains(VIP));
    assert!(
        machine
            .ip("route show")
            .contains("10.10.10.100 dev lo proto static")
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_setting_that_somebody_changed_meanwhile_is_left_to_him() {
    let machine = Machine::new();
    let (ignore, announce) = (on_eth0(Ipv4Conf::ArpIgnore), on_eth0(Ipv4Conf::ArpAnnounce));
    machine.host(async |host| {
        let server = real_server(VIP);
        server.up(host).await.unwrap();
        host.write_sysctl(&ignore, 2).unwrap();
        host.write_sysctl(&announce, 0).unwrap();
        let report = server.down(host).await.unwrap();
        let theirs = SysctlOutcome::ChangedByOthers {
            value: 2,
            set_to: 1,
            was: 0,
        };
        let back = SysctlOutcome::AlreadyRestored { value: 0 };
        for step in [
            Step::Sysctl {
                key: ignore.clone(),
                outcome: theirs,
            },
            Step::Sysctl {
                key: announce.clone(),
                outcome: back,
            },
        ] {
            assert!(report.steps().contains(&step), "{report}");
        }
    });
    assert_eq!(machine.sysctl(&ignore), 2);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn two_vips_share_their_settings_until_the_last_is_gone() {
    let machine = Machine::new();
    let before = machine.dump();
    machine.host(async |host| {
        let (first, second) = (real_server(VIP), real_server("10.10.10.101"));
        first.up(host).await.unwrap();
        second.up(host).await.unwrap();
        let report = first.down(host).await.unwrap();
        let left = "left net.ipv4.conf.eth0.arp_ignore = 1: the real server for 10.10.10.101 on eth0 \
                    needs it";
        assert!(lines(&report).contains(&left.to_owned()), "{report}");
        assert_eq!(host.read_sysctl(&on_eth0(Ipv4Conf::ArpIgnore)).unwrap(), 1);
        second.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_first_vip_of_a_network_goes_without_the_others() {
    let machine = Machine::new();
    let before = machine.dump();
    machine.host(async |host| {
        let (first, second) = (director("203.0.113.1/24"), director("203.0.113.2/24"));
        let promoting = on_eth0(Ipv4Conf::PromoteSecondaries);
        machine.ip("address add 203.0.113.9/24 dev eth0");
        first.up(host).await.unwrap();
        second.up(host).await.unwrap();
        // The first VIP takes the place of an address that goes.
        host.write_sysctl(&promoting, 1).unwrap();
        machine.ip("address delete 203.0.113.9/24 dev eth0");
        host.write_sysctl(&promoting, 0).unwrap();
        first.down(host).await.unwrap();
        let left = machine.ip("address show eth0");
        assert!(
            left.contains("203.0.113.2/24") && !left.contains("203.0.113.1/24"),
            "{left}"
        );
        assert_eq!(host.read_sysctl(&promoting).unwrap(), 0);
        second.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
}
