//! The program as nobody: what everybody may read, and what it says of the rest.

use crate::common::client;
use crate::common::program::{as_nobody, configured, done};
use crate::common::traffic::{echo_at, own, talk_to};
use ipvs_lab::in_namespace;
use ipvs_lab::process::Output;
use serde_json::{Value, json};

const NOTE: &str = "note: without CAP_NET_ADMIN in the initial user namespace, statistics and most \
                    options are not shown\n";
const DENIED: &str = "error: managing IPVS needs CAP_NET_ADMIN (in the initial user namespace)\n";

/// What nobody is shown, and told to be missing.
#[track_caller]
fn shown(line: &str) -> String {
    let output = as_nobody(line);
    assert_eq!(
        (output.status, output.stderr.as_str()),
        (Some(0), NOTE),
        "{line}"
    );
    output.stdout
}

#[track_caller]
fn json(line: &str) -> Value {
    serde_json::from_str(&shown(&format!("{line} --output json"))).unwrap()
}

/// A line that must fail with this alone.
#[track_caller]
fn failed(line: &str, said: &str) {
    let expected = Output {
        stdout: String::new(),
        stderr: said.to_owned(),
        status: Some(1),
    };
    assert_eq!(as_nobody(line), expected, "{line}");
}

/// What tells more and what tells less than netlink does.
fn site() {
    for command in [
        "add-service -t 192.0.2.10:80 -s wrr -p 5m -M 255.255.255.0",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -m -w 5 -x 100 -y 50",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.9 --tunnel gue,port=6080,csum -w 0",
        "add-service -t [2001:db8::10]:80 -s rr",
        "add-service -u 192.0.2.10:5060 -s rr -p 5m --pe sip -o",
        "add-service -f 7 -6 -s mh -b mh-fallback,mh-port",
        "add-destination -f 7 -6 -r 2001:db8::21 -m",
    ] {
        done(command);
    }
}

/// How many ticks five minutes are, as this kernel was built.
fn five_minutes() -> u32 {
    let listing = client().listing().unwrap();
    let mut persistent = listing.services.iter().filter_map(|it| it.persistence);
    persistent.next().unwrap().timeout_ticks
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_list_shows_what_everybody_may_know() {
    in_namespace(|| {
        site();
        let ticks = five_minutes();
        let listed = format!(
            "\
Service                 Scheduler                             Options
  -> Destination        Forwarding  Weight  Active  Inactive
TCP 192.0.2.10:80       wrr                                   persistent {ticks} ticks, netmask 255.255.255.0
  -> 198.51.100.7:8080  masquerade       5       0         0
  -> 198.51.100.9:80    tunnel           0       0         0
TCP [2001:db8::10]:80   rr
UDP 192.0.2.10:5060     rr                                    persistent {ticks} ticks, one-packet
FWM 7                   mh
  -> [2001:db8::21]:0   masquerade       1       0         0
"
        );
        assert_eq!(shown("list"), listed);

        // In the order in which those see it who may see all of it.
        let names = |table: &str| {
            let rows = table.lines().skip(2);
            let words =
                rows.map(|row| row.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
            words.collect::<Vec<_>>()
        };
        assert_eq!(
            names(&listed),
            names(&crate::common::program::shown("list"))
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn json_says_where_it_is_from_and_has_no_names_for_what_is_missing() {
    in_namespace(|| {
        site();
        let web = json!({
            "protocol": "tcp",
            "address": "192.0.2.10",
            "port": 80,
            "fwmark": null,
            "family": "ipv4",
            "scheduler": "wrr",
            "one_packet": false,
            "persistence": {"timeout_ticks": five_minutes(), "netmask": "255.255.255.0"},
            "destinations": [
                {
                    "address": "198.51.100.7",
                    "port": 8080,
                    "forward": "masquerade",
                    "weight": 5,
                    "active_connections": 0,
                    "inactive_connections": 0,
                },
                {
                    "address": "198.51.100.9",
                    "port": 80,
                    "forward": "tunnel",
                    "weight": 0,
                    "active_connections": 0,
                    "inactive_connections": 0,
                },
            ],
        });
        let info = crate::common::program::json("info");
        assert_eq!(
            json("list -t 192.0.2.10:80"),
            json!({"source": "/proc/net/ip_vs", "info": info, "services": [web]})
        );
        let all = json("list");
        assert_eq!(all["source"], "/proc/net/ip_vs");
        let services = all["services"].as_array().unwrap();
        assert_eq!((services.len(), &services[0]), (4, &web));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_is_picked_by_its_address_and_protocol() {
    in_namespace(|| {
        site();
        for (named, first) in [
            ("-t [2001:db8::10]:80", "TCP [2001:db8::10]:80"),
            ("-u 192.0.2.10:5060", "UDP 192.0.2.10:5060"),
        ] {
            let table = shown(&format!("list {named}"));
            let rows: Vec<_> = table.lines().skip(2).collect();
            assert_eq!(rows.len(), 1, "{table}");
            assert!(table.contains(first), "{table}");
        }
        failed(
            "list -u 192.0.2.10:80",
            "error: no such service: udp:192.0.2.10:80\n",
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_everybody_may_not_know_needs_the_capability() {
    in_namespace(|| {
        site();
        let before = configured();
        for command in [
            "list --stats",
            "list --rate --output json",
            "list --stats -t 192.0.2.10:80",
            "list -f 7",
            "list -f 7 -6",
            "drain-destination -t 192.0.2.10:80 -r 198.51.100.7:8080",
        ] {
            failed(command, DENIED);
        }
        assert_eq!(configured(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn everybody_may_look_for_connections_and_count_them() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32"]);
        echo_at("198.51.100.7:8080");
        done("add-service -t 192.0.2.10:80 -s rr");
        done("add-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -m");
        let _talking = talk_to("192.0.2.10:80");
        for command in [
            "connections -t 192.0.2.10:80",
            "connections --origin=local --state established",
            "connections --summary --destination 198.51.100.7",
        ] {
            let output = as_nobody(command);
            assert_eq!((output.status, output.stderr.as_str()), (Some(0), ""));
            let rows = output.stdout.lines().filter(|row| row.starts_with("TCP "));
            assert_eq!(rows.count(), 1, "{command}: {}", output.stdout);
        }
    });
}
