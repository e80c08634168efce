//! The program on real connections: some of them, where they came from, how many there are.

use std::net::{TcpStream, UdpSocket};

use crate::common::program::{done, json, refused, shown};
use crate::common::traffic::{echo_at, eventually, own, talk_to};
use ipvs_lab::netns::Netns;
use ipvs_lab::{in_namespace, process};
use nix::sys::socket::{setsockopt, sockopt};
use serde_json::json;

const WEB: &str = "192.0.2.10:80 198.51.100.7:8080 ESTABLISHED";
const LOGIN: &str = "192.0.2.10:81 198.51.100.8:8080 ESTABLISHED";
const LOGIN_TEMPLATE: &str = "192.0.2.10:81 198.51.100.8:8080 template";
const NAME: &str = "192.0.2.10:53 198.51.100.7:53 UDP";

/// Two open connections, one of them of a persistent client, and a UDP flow.
fn site() -> [TcpStream; 2] {
    own(&["192.0.2.10/32", "198.51.100.7/32", "198.51.100.8/32"]);
    for server in ["198.51.100.7:8080", "198.51.100.8:8080"] {
        echo_at(server);
    }
    for command in [
        "add-service -t 192.0.2.10:80 -s rr",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -m",
        "add-service -t 192.0.2.10:81 -s rr -p 5m",
        "add-destination -t 192.0.2.10:81 -r 198.51.100.8:8080 -m",
        "add-service -u 192.0.2.10:53 -s rr",
        "add-destination -u 192.0.2.10:53 -r 198.51.100.7 -m",
    ] {
        done(command);
    }
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.send_to(b"hello", "192.0.2.10:53").unwrap();
    ["192.0.2.10:80", "192.0.2.10:81"].map(talk_to)
}

/// Service, destination and state of what is listed, sorted.
#[track_caller]
fn listed(arguments: &str) -> Vec<String> {
    let table = shown(&format!("connections {arguments}"));
    let rows = table.lines().skip(1);
    let mut rows: Vec<_> = rows
        .map(|row| row.split_whitespace().collect::<Vec<_>>()[2..5].join(" "))
        .collect();
    rows.sort_unstable();
    rows
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn those_are_listed_that_agree_with_everything_typed() {
    in_namespace(|| {
        let talking = site();
        let [web, login] = talking
            .each_ref()
            .map(|stream| stream.local_addr().unwrap());
        for (arguments, expected) in [
            ("", &[NAME, WEB, LOGIN, LOGIN_TEMPLATE][..]),
            ("-t 192.0.2.10:80", &[WEB]),
            ("-t 192.0.2.10:81", &[LOGIN, LOGIN_TEMPLATE]),
            ("-t 192.0.2.10", &[WEB, LOGIN, LOGIN_TEMPLATE]),
            ("-u 192.0.2.10:53", &[NAME]),
            ("-u 192.0.2.10:80", &[]),
            ("--destination 198.51.100.7", &[NAME, WEB]),
            ("--destination 198.51.100.7:8080", &[WEB]),
            ("--destination 198.51.100.7 -u 192.0.2.10", &[NAME]),
            ("--state ESTABLISHED", &[WEB, LOGIN]),
            ("--state established -t 192.0.2.10:81", &[LOGIN]),
            ("--state template", &[LOGIN_TEMPLATE]),
            ("--state udp", &[NAME]),
            ("--client 192.0.2.10", &[NAME, WEB, LOGIN, LOGIN_TEMPLATE]),
            (&format!("--client {web}"), &[WEB]),
            (&format!("--client {login}"), &[LOGIN]),
            (&format!("--client {web} --state template"), &[]),
            ("--client 192.0.2.11", &[]),
        ] {
            assert_eq!(listed(arguments), expected, "{arguments}");
        }
        let connections = json("connections -t 192.0.2.10:80");
        let [connection] = &connections["connections"].as_array().unwrap()[..] else {
            panic!("{connections}");
        };
        assert_eq!(connection["client"]["port"], web.port());
        assert_eq!(
            json("connections --client 192.0.2.11"),
            json!({"connections": []})
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_summary_counts_by_service_and_destination() {
    in_namespace(|| {
        let _talking = (site(), talk_to("192.0.2.10:80"));
        let all = "\
Protocol  Service        Destination        Connections  Templates  States
TCP       192.0.2.10:80  198.51.100.7:8080            2          0  ESTABLISHED 2
TCP       192.0.2.10:81  198.51.100.8:8080            1          1  ESTABLISHED 1
UDP       192.0.2.10:53  198.51.100.7:53              1          0  UDP 1
";
        assert_eq!(shown("connections --summary"), all);
        assert_eq!(
            json("connections --summary --destination 198.51.100.8"),
            json!({"groups": [{
                "protocol": "tcp",
                "service": {"endpoint": {"address": "192.0.2.10", "port": 81}},
                "destination": {"address": "198.51.100.8", "port": 8080},
                "connections": 1,
                "templates": 1,
                "states": {"ESTABLISHED": 1},
            }]})
        );
        assert_eq!(
            json("connections --summary --origin=local --state template")["groups"][0]["templates"],
            1
        );
        assert_eq!(
            json("connections --summary --origin=sync"),
            json!({"groups": []})
        );
        refused(
            "connections --summary --origin",
            "--summary cannot show origins: select one with --origin=local or --origin=sync",
        );
    });
}

/// Two directors; what the first sees, it tells the second.
fn directors() -> [Netns; 2] {
    let directors = ["one", "two"].map(Netns::new);
    let link = "link add eth0 netns one type veth peer name eth0 netns two";
    process::run("ip", &link.split(' ').collect::<Vec<_>>());
    for (director, address, role) in [
        (&directors[0], "10.0.0.1/24", "master"),
        (&directors[1], "10.0.0.2/24", "backup"),
    ] {
        director.enter(|| {
            process::run("ip", &["address", "add", address, "dev", "eth0"]);
            process::run("ip", &["link", "set", "eth0", "up"]);
            done(&format!("start-sync {role} --interface eth0"));
        });
    }
    directors
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn who_saw_a_connection_first_is_shown_and_looked_for() {
    in_namespace(|| {
        let [one, two] = directors();
        let _talking = one.enter(site);
        let told = || two.enter(|| listed("--origin=sync -t 192.0.2.10:80"));
        assert_eq!(eventually(told, |told| !told.is_empty()), [WEB]);
        two.enter(|| assert_eq!(listed("--origin=local"), [""; 0]));
        one.enter(|| {
            assert_eq!(listed("--origin=sync"), [""; 0]);
            let local = [NAME, WEB, LOGIN, LOGIN_TEMPLATE];
            assert_eq!(listed("--origin=local"), local);
            assert_eq!(listed("--origin"), local);
        });
        for (director, origin) in [("one", "local"), ("two", "sync")] {
            let line = format!("--netns {director} connections -t 192.0.2.10:80");
            let table = shown(&format!("{line} --origin"));
            let [title, row] = table.lines().collect::<Vec<_>>()[..] else {
                panic!("{table}");
            };
            assert!(title.ends_with("  Expires   Origin"), "{title}");
            assert!(row.ends_with(&format!("  {origin}")), "{row}");
            let told = |line: &str| json(line)["connections"][0]["origin"].clone();
            assert_eq!(told(&format!("{line} --origin")), origin);
            assert_eq!(told(&line), json!(null));
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_templates_of_a_mark_are_those_of_its_family() {
    in_namespace(|| {
        own(&[
            "192.0.2.10/32",
            "198.51.100.7/32",
            "2001:db8::10/128",
            "2001:db8:1::7/128",
        ]);
        for (service, server, any, vip) in [
            ("-f 7", "198.51.100.7", "0.0.0.0:0", "192.0.2.10:5000"),
            ("-f 7 -6", "2001:db8:1::7", "[::]:0", "[2001:db8::10]:5000"),
        ] {
            done(&format!("add-service {service} -s rr -p 5m"));
            done(&format!("add-destination {service} -r {server} -m"));
            let socket = UdpSocket::bind(any).unwrap();
            setsockopt(&socket, sockopt::Mark, &7).unwrap();
            socket.send_to(b"hello", vip).unwrap();
        }
        let destinations = |service: &str| {
            let found = json(&format!("connections {service}"));
            let found = found["connections"].as_array().unwrap().iter();
            found
                .map(|it| it["destination"]["address"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(destinations("-f 7"), ["198.51.100.7"]);
        assert_eq!(destinations("-f 7 -6"), ["2001:db8:1::7"]);
    });
}
