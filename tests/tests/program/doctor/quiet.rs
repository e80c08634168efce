//! `doctor`: what it does not say, because it would be a false alarm.

use super::{healthy, services, sh, site};
use crate::common::program::{done, shown};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn nobody_is_told_about_idle_connections_who_changed_neither_value() {
    let site = site();
    let director = site.host("director");
    services(director);
    director.enter(|| shown("director up --vip 10.10.10.100/24 --device eth0"));
    let silent = "healthy: checked as director for 10.10.10.100\n";
    assert_eq!(healthy(director, "doctor"), silent);
    let noted = |first: u64, fits: u64| {
        let said = healthy(director, "doctor");
        let too_short = format!("before the first keepalive after {first} s");
        assert!(said.contains(&too_short), "{said}");
        let fix = format!("    fix: ipvs-rs timeouts --tcp {fits}\n");
        assert!(said.contains(&fix), "{said}");
    };
    director.enter(|| done("timeouts --tcp 30m"));
    noted(7200, 7260);
    director.enter(|| done("timeouts --tcp 15m"));
    assert_eq!(healthy(director, "doctor"), silent);
    sh(director, "sysctl -w net.ipv4.tcp_keepalive_time=1200");
    noted(1200, 1260);
    sh(director, "ipvs-rs timeouts --tcp 1260");
    assert_eq!(healthy(director, "doctor"), silent);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_that_forwards_no_replies_is_not_warned_of_redirects() {
    let site = site();
    let director = site.host("director");
    services(director);
    director.enter(|| shown("director up --vip 10.10.10.100/24 --device eth0"));
    for forwarding in [0, 1] {
        let on = "net.ipv4.conf.all.send_redirects=1 net.ipv4.conf.eth0.send_redirects=1";
        sh(
            director,
            &format!("sysctl -w {on} net.ipv4.ip_forward={forwarding}"),
        );
        let silent = "healthy: checked as director for 10.10.10.100\n";
        assert_eq!(healthy(director, "doctor"), silent);
    }
}
