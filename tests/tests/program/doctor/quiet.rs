//! `doctor`: what it does not say, because it would be a false alarm.

use std::net::TcpListener;

use super::{found, healthy, services, sh, site, web};
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

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_behind_source_nat_is_not_told_to_have_the_director_as_its_gateway() {
    let site = site();
    let nginx1 = site.host("nginx1");
    let by_nat = "doctor --forward masquerade --port 80";
    let said = found(nginx1, by_nat);
    assert!(said.contains("port 80"), "{said}");
    let _web = web(nginx1);
    let checked = "healthy: checked as real server for a director with source NAT (masquerade)\n";
    assert_eq!(healthy(nginx1, by_nat), checked);
    sh(nginx1, "ip route add default via 10.10.10.254");
    assert_eq!(healthy(nginx1, by_nat), checked);
    // As a gateway it has to be the director.
    let said = found(nginx1, &format!("{by_nat} --gateway 10.10.10.11"));
    assert!(
        said.contains("ip route replace default via 10.10.10.11"),
        "{said}"
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_is_found_by_its_alternative_name() {
    let site = site();
    let nginx1 = site.host("nginx1");
    sh(
        nginx1,
        "ip link property add dev eth0 altname enp0s3
         ip address add fd00::12/64 dev eth0 nodad
         ipvs-rs real-server up --vip fd00::100 --device enp0s3",
    );
    let _web = nginx1.enter(|| TcpListener::bind("[::]:80").unwrap());
    let checked = "healthy: checked as real server for fd00::100 (direct)\n";
    assert_eq!(healthy(nginx1, "doctor"), checked);
    assert_eq!(healthy(nginx1, "doctor --device enp0s3"), checked);
    sh(nginx1, "ip address delete fd00::100/128 dev lo");
    let said = found(nginx1, "doctor");
    let fix = "ipvs-rs real-server up --vip fd00::100 --device eth0\n";
    assert!(
        said.contains(fix) && !said.contains("does not exist"),
        "{said}"
    );
}
