//! VIPs of IPv6.

use std::process::Command;

use lbnet::AnnouncementOutcome;

use crate::machine::{Machine, director, real_server};

/// IPv6 may be a module that nobody has needed yet.
fn machine() -> Machine {
    let _ = Command::new("modprobe").args(["--quiet", "ipv6"]).status();
    Machine::new()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_s_ipv6_vip_is_deprecated_and_works_at_once() {
    let machine = machine();
    let before = machine.dump();
    machine.host(async |host| {
        let director = director("2001:db8::100/128");
        let report = director.up(host).await.unwrap();
        let shown = machine.ip("-6 address show dev eth0 to 2001:db8::100");
        assert!(
            shown.contains("nodad") && shown.contains("deprecated"),
            "{shown}"
        );
        assert!(!shown.contains("tentative"), "{shown}");
        let told = matches!(
            report.steps().last(),
            Some(lbnet::Step::Announcement {
                outcome: AnnouncementOutcome::Announced(_),
                ..
            })
        );
        assert!(told, "{report}");
        assert!(!director.up(host).await.unwrap().changed());
        director.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_s_ipv6_vip_is_all_it_needs() {
    let machine = machine();
    let before = machine.dump();
    machine.host(async |host| {
        let server = real_server("2001:db8::100");
        assert_eq!(
            server.up(host).await.unwrap().to_string(),
            "added 2001:db8::100/128 to lo\n"
        );
        assert!(!server.up(host).await.unwrap().changed());
        server.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}
