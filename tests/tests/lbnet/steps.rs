//! What is done, in which order, and what is said about it.

use lbnet::{Effect, Ipv4Conf, Step};

use crate::machine::{Machine, VIP, director, lines, on_all, on_eth0, real_server};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_is_set_up_in_a_safe_order_and_undone_in_reverse() {
    let machine = Machine::new();
    let before = machine.dump();
    let director = director("10.10.10.100/24").label("eth0:0");
    let up = lines(&machine.host(async |host| director.up(host).await.unwrap()));
    assert_eq!(
        up[..3],
        [
            "set net.ipv4.conf.all.send_redirects = 0 (was 1)",
            "set net.ipv4.conf.eth0.send_redirects = 0 (was 1)",
            "added 10.10.10.100/24 to eth0 as eth0:0",
        ]
    );
    assert!(
        up[3].starts_with("announced 10.10.10.100 on eth0 ("),
        "{up:?}"
    );
    assert!(
        machine
            .ip("address show eth0")
            .contains("scope global secondary eth0:0")
    );

    let down = lines(&machine.host(async |host| director.down(host).await.unwrap()));
    assert_eq!(
        down,
        [
            "deleted 10.10.10.100/24 from eth0",
            "restored net.ipv4.conf.eth0.send_redirects = 1 (was 0)",
            "restored net.ipv4.conf.all.send_redirects = 1 (was 0)",
        ]
    );
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_is_quiet_before_its_vip_is_there() {
    let machine = Machine::new();
    let before = machine.dump();
    let server = real_server(VIP);
    let up = lines(&machine.host(async |host| server.up(host).await.unwrap()));
    assert_eq!(
        up,
        [
            "set net.ipv4.conf.eth0.arp_ignore = 1 (was 0)",
            "set net.ipv4.conf.eth0.arp_announce = 2 (was 0)",
            "added 10.10.10.100/32 to lo",
            "added the route to 10.10.10.100 through lo",
        ]
    );
    assert!(
        machine
            .ip("address show lo")
            .contains("10.10.10.100/32 scope host lo")
    );
    assert!(machine.ip("route show").contains("10.10.10.100 dev lo"));

    let down = lines(&machine.host(async |host| server.down(host).await.unwrap()));
    assert_eq!(
        down,
        [
            "deleted the route to 10.10.10.100 through lo",
            "deleted 10.10.10.100/32 from lo",
            "restored net.ipv4.conf.eth0.arp_announce = 0 (was 2)",
            "restored net.ipv4.conf.eth0.arp_ignore = 0 (was 1)",
        ]
    );
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_second_up_or_down_changes_nothing_and_says_so() {
    let machine = Machine::new();
    machine.host(async |host| {
        let (director, server) = (director("10.10.10.100/24"), real_server("10.10.10.200"));
        assert!(director.up(host).await.unwrap().changed());
        assert!(server.up(host).await.unwrap().changed());
        let once = machine.dump();
        for report in [
            director.up(host).await.unwrap(),
            server.up(host).await.unwrap(),
        ] {
            assert!(
                report
                    .steps()
                    .iter()
                    .all(|step| step.effect() == Effect::Unchanged),
                "{report}"
            );
        }
        machine.assert_unchanged_since(&once);
        assert!(director.down(host).await.unwrap().changed());
        assert!(server.down(host).await.unwrap().changed());
        for report in [
            director.down(host).await.unwrap(),
            server.down(host).await.unwrap(),
        ] {
            assert!(
                matches!(report.steps(), [Step::NothingToUndo { .. }]),
                "{report}"
            );
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn settings_that_will_do_are_not_touched() {
    let machine = Machine::new();
    machine.set_sysctl(&on_all(Ipv4Conf::ArpIgnore), 2);
    machine.set_sysctl(&on_eth0(Ipv4Conf::ArpAnnounce), 2);
    let before = machine.dump();
    machine.host(async |host| {
        let server = real_server(VIP);
        let up = lines(&server.up(host).await.unwrap());
        assert_eq!(up[0], "net.ipv4.conf.all.arp_ignore = 2 already");
        assert_eq!(up[1], "net.ipv4.conf.eth0.arp_announce = 2 already");
        server.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
}
