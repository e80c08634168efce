//! `director up --reschedule`: clients of a real server that takes no new ones get another.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use ipvs_lab::netns::Netns;
use ipvs_lab::process;
use ipvs_lab::site::Site;

use crate::common::program::{done, shown};
use crate::common::traffic::connect_from;

const SETTINGS: [&str; 3] = [
    "net.ipv4.vs.conn_reuse_mode",
    "net.ipv4.vs.expire_nodest_conn",
    "net.ipv4.vs.expire_quiescent_template",
];

/// A server that says its name and closes. Its client can reuse the port at once.
fn say_name(host: &Netns, name: &'static str) {
    host.enter(|| {
        let listener = TcpListener::bind("0.0.0.0:80").unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                stream.unwrap().write_all(name.as_bytes()).unwrap();
            }
        });
    });
}

/// The name of the server that a client gets from this port.
fn served_by(client: &Netns, port: u16) -> String {
    client.enter(|| {
        let from = format!("10.10.10.1:{port}");
        let mut stream = connect_from(&from, "10.10.10.100:80", 0).unwrap();
        let mut name = String::new();
        stream.read_to_string(&mut name).unwrap();
        name
    })
}

fn settings(director: &Netns) -> Vec<String> {
    let read = |name: &&str| director.enter(|| process::run("sysctl", &["-n", *name]));
    SETTINGS.iter().map(read).collect()
}

/// Direct routing to `first`, until the weights are swapped.
fn site(up: &str) -> Site {
    let site = Site::new(&[
        ("client", "10.10.10.1/24"),
        ("director", "10.10.10.11/24"),
        ("first", "10.10.10.12/24"),
        ("second", "10.10.10.13/24"),
    ]);
    let _ = process::output("modprobe", &["ip_vs"]);
    site.host("director").enter(|| {
        done("add-service -t 10.10.10.100:80 -s rr");
        done("add-destination -t 10.10.10.100:80 -r 10.10.10.12");
        done("add-destination -t 10.10.10.100:80 -r 10.10.10.13 -w 0");
        shown(&format!(
            "director up --vip 10.10.10.100/24 --device eth0 {up}"
        ));
    });
    for name in ["first", "second"] {
        let host = site.host(name);
        host.enter(|| shown("real-server up --vip 10.10.10.100 --device eth0"));
        say_name(host, name);
    }
    site
}

/// Who serves a client that reuses its port after the weights were swapped.
fn served_after_a_swap(up: &str, options: &str) -> (String, String) {
    let site = site(up);
    let (client, director) = (site.host("client"), site.host("director"));
    if !options.is_empty() {
        director.enter(|| done(&format!("edit-service -t 10.10.10.100:80 {options}")));
    }
    let before = served_by(client, 40000);
    swap_weights(director);
    (before, served_by(client, 40000))
}

fn swap_weights(director: &Netns) {
    director.enter(|| {
        done("edit-destination -t 10.10.10.100:80 -r 10.10.10.13 -w 1");
        done("edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -w 0");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_client_that_reuses_its_port_returns_to_a_drained_server_unless_clients_are_rescheduled() {
    let of = |up: &str| served_after_a_swap(up, "");
    let first = || "first".to_owned();
    assert_eq!(of(""), (first(), first()));
    assert_eq!(of("--reschedule"), (first(), "second".to_owned()));
}

/// Who serves a client that reuses its port after its real server died and got the weight 0; none if the
/// kernel still sends it to the dead one.
fn served_after_a_death(settings: &[&str]) -> Option<String> {
    let site = site("");
    let (client, director) = (site.host("client"), site.host("director"));
    for setting in settings {
        director.enter(|| process::run("sysctl", &["-w", setting]));
    }
    let first = site.host("first");
    first.enter(|| process::run("ip", &["link", "set", "eth0", "down"]));
    let connect = || client.enter(|| connect_from("10.10.10.1:40000", "10.10.10.100:80", 0));
    assert!(connect().is_err(), "the dead server was not asked");
    swap_weights(director);
    let mut name = String::new();
    connect().ok()?.read_to_string(&mut name).unwrap();
    Some(name)
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_dead_server_keeps_clients_that_reuse_a_port_until_expire_nodest_conn_is_on() {
    for mode in [
        "net.ipv4.vs.conn_reuse_mode=1",
        "net.ipv4.vs.conn_reuse_mode=3",
    ] {
        assert_eq!(served_after_a_death(&[mode]), None, "{mode}");
        let expires = [mode, "net.ipv4.vs.expire_nodest_conn=1"];
        let second = Some("second".to_owned());
        assert_eq!(served_after_a_death(&expires), second, "{mode}");
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_persistent_client_stays_with_a_drained_server_unless_clients_are_rescheduled() {
    let of = |up: &str| served_after_a_swap(up, "-p 5m");
    let first = || "first".to_owned();
    assert_eq!(of(""), (first(), first()));
    assert_eq!(of("--reschedule"), (first(), "second".to_owned()));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_settings_of_rescheduling_go_with_the_set_up() {
    let site = site("");
    let director = site.host("director");
    let before = settings(director);
    let typed = "--vip 10.10.10.100/24 --device eth0";
    director.enter(|| shown(&format!("director up {typed} --reschedule")));
    let values: Vec<_> = settings(director)
        .iter()
        .map(|it| it.trim().to_owned())
        .collect();
    assert_eq!(values, ["3", "1", "1"]);
    director.enter(|| shown(&format!("director down {typed}")));
    assert_eq!(settings(director), before);
}
