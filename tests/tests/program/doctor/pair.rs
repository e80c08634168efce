//! Two directors that are real servers of each other.

use super::traffic::{ask, serve, served};
use super::{found, kinds, remedies, sh};
use crate::common::program::{done, shown};
use ipvs_lab::netns::Netns;
use ipvs_lab::process;
use ipvs_lab::site::Site;

const VIP: &str = "10.10.10.100:80";

/// The active director has the VIP, the standby has it as a real server; both balance to both.
fn site() -> Site {
    let site = Site::new(&[
        ("client", "10.10.10.1/24"),
        ("active", "10.10.10.11/24"),
        ("standby", "10.10.10.12/24"),
    ]);
    let _ = process::output("modprobe", &["ip_vs"]);
    let (_, active, standby) = hosts(&site);
    for (host, name) in [(active, "active"), (standby, "standby")] {
        serve(host, name, 80);
        host.enter(|| {
            done(&format!("add-service -t {VIP} -s rr"));
            done(&format!("add-destination -t {VIP} -r 10.10.10.11"));
            done(&format!("add-destination -t {VIP} -r 10.10.10.12"));
        });
    }
    active.enter(|| shown("director up --vip 10.10.10.100/24 --device eth0"));
    standby.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
    site
}

/// The client, the active director and the standby.
fn hosts(site: &Site) -> (&Netns, &Netns, &Netns) {
    let host = |name| site.host(name);
    (host("client"), host("active"), host("standby"))
}

fn start(host: &Netns, role: &str) {
    host.enter(|| done(&format!("start-sync {role} --interface eth0 --syncid 7")));
}

/// The findings about the pair.
fn of_pair(host: &Netns) -> Vec<String> {
    let mut kinds = kinds(host);
    let known = ["directors_serve_each_other", "backup_only_stops_balancing"];
    kinds.retain(|kind| known.contains(&kind.as_str()));
    kinds
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_standby_that_is_a_real_server_does_not_balance_once_more() {
    let site = site();
    let (client, active, standby) = hosts(&site);
    start(active, "master");
    assert_eq!(
        of_pair(standby),
        ["directors_serve_each_other"],
        "no daemon runs"
    );
    start(standby, "backup");
    assert_eq!(of_pair(active), [""; 0]);
    assert_eq!(of_pair(standby), ["directors_serve_each_other"]);
    assert!(served(client, VIP, 20) < 20);

    let said = found(standby, "doctor");
    let fix = "sysctl -w net.ipv4.vs.backup_only=1";
    assert!(remedies(&said).contains(&fix), "{said}");
    sh(standby, fix);
    assert_eq!(of_pair(standby), [""; 0]);
    assert_eq!(served(client, VIP, 20), 20);
    let names = ask(client, VIP, 4);
    let by = |name: &str| names.iter().flatten().filter(|it| *it == name).count();
    assert_eq!((by("active"), by("standby")), (2, 2));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn with_both_daemons_on_both_directors_no_setting_is_printed_that_stops_balancing() {
    let site = site();
    let (client, active, standby) = hosts(&site);
    for host in [active, standby] {
        start(host, "master");
        start(host, "backup");
        assert_eq!(of_pair(host), ["directors_serve_each_other"]);
        let said = found(host, "doctor");
        assert!(
            !remedies(&said).join("\n").contains("backup_only"),
            "{said}"
        );
    }
    assert!(served(client, VIP, 20) < 20);
    // What the setting does: the active director is the only one that serves.
    sh(active, "sysctl -w net.ipv4.vs.backup_only=1");
    assert_eq!(of_pair(active), ["backup_only_stops_balancing"]);
    let names = ask(client, VIP, 4);
    assert!(
        names.iter().all(|it| it.as_deref() == Some("active")),
        "{names:?}"
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_that_only_backs_up_is_told_to_balance_again() {
    let site = site();
    let (client, active, standby) = hosts(&site);
    // The active director is no real server.
    for host in [active, standby] {
        host.enter(|| done(&format!("delete-destination -t {VIP} -r 10.10.10.11")));
    }
    sh(standby, &format!("ipvs-rs delete-service -t {VIP}"));
    start(active, "master");
    start(active, "backup");
    sh(active, "sysctl -w net.ipv4.vs.backup_only=1");
    assert!(!ask(client, VIP, 2).contains(&Some("standby".to_owned())));
    assert_eq!(of_pair(active), ["backup_only_stops_balancing"]);
    let said = found(active, "doctor");
    let fix = "sysctl -w net.ipv4.vs.backup_only=0";
    assert!(remedies(&said).contains(&fix), "{said}");
    sh(active, fix);
    assert_eq!(of_pair(active), [""; 0]);
    assert_eq!(served(client, VIP, 4), 4);
}
