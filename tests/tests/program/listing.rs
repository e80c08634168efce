//! What the program prints: tables to the letter, JSON with every field, and what becomes of long
//! output.

use std::fmt::Write as _;

use crate::common::program::{counted_for, done, json, shown};
use crate::common::traffic::{echo_at, eventually, own, talk_to};
use ipvs_lab::{in_namespace, process};
use serde_json::{Value, json};

/// A service with one destination of each forwarding method, and services with options.
fn site() {
    for command in [
        "add-service -t 192.0.2.10:80 -s wrr -p 5m -M 255.255.255.0",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -m -w 5 -x 100 -y 50",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.8",
        "add-destination -t 192.0.2.10:80 -r 198.51.100.9 --tunnel gue,port=6080,csum -w 0",
        "add-destination -t 192.0.2.10:80 -r 2001:db8::21 --tunnel gre",
        "add-service -u 192.0.2.10:5060 -s rr -p 60 --pe sip -o",
        "add-service -f 7 -6 -s mh -b mh-fallback,mh-port",
        "add-destination -f 7 -6 -r 2001:db8::21 -m",
    ] {
        done(command);
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_list_shows_how_everything_is_configured() {
    in_namespace(|| {
        site();
        let listed = "\
Service                 Scheduler                             Options
  -> Destination        Forwarding  Weight  Active  Inactive
TCP 192.0.2.10:80       wrr                                   persistent 5m, netmask 255.255.255.0
  -> 198.51.100.7:8080  masquerade       5       0         0  upper threshold 100, lower threshold 50
  -> 198.51.100.8:80    direct           1       0         0
  -> 198.51.100.9:80    tunnel           0       0         0  gue,port=6080,csum
  -> [2001:db8::21]:80  tunnel           1       0         0  gre
UDP 192.0.2.10:5060     rr                                    persistent 1m, engine sip, one-packet
FWM 7 IPv6              mh                                    mh-fallback, mh-port
  -> [2001:db8::21]:0   masquerade       1       0         0
";
        assert_eq!(shown("list"), listed);
        let one = "\
Service                Scheduler                             Options
  -> Destination       Forwarding  Weight  Active  Inactive
FWM 7 IPv6             mh                                    mh-fallback, mh-port
  -> [2001:db8::21]:0  masquerade       1       0         0
";
        assert_eq!(shown("list -f 7 -6"), one);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn counters_and_rates_have_columns_of_their_own() {
    in_namespace(|| {
        site();
        let stats = "\
Service
  -> Destination       Connections  Packets in  Packets out  Bytes in  Bytes out
FWM 7 IPv6                       0           0            0         0          0
  -> [2001:db8::21]:0            0           0            0         0          0
";
        assert_eq!(shown("list -f 7 -6 --stats"), stats);
        let rates = "\
Service
  -> Destination       Conns/s  Packets in/s  Packets out/s  Bytes in/s  Bytes out/s
FWM 7 IPv6                   0             0              0           0            0
  -> [2001:db8::21]:0        0             0              0           0            0
";
        assert_eq!(shown("list -f 7 -6 --rate"), rates);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_empty_table_is_a_title_and_an_empty_array() {
    in_namespace(|| {
        assert_eq!(shown("list").lines().count(), 2);
        assert_eq!(json("list"), json!({"services": []}));
        assert_eq!(shown("connections").lines().count(), 1);
        assert_eq!(json("connections"), json!({"connections": []}));
    });
}

/// Nothing counted yet.
fn no_stats() -> Value {
    json!({
        "connections": 0,
        "incoming_packets": 0,
        "outgoing_packets": 0,
        "incoming_bytes": 0,
        "outgoing_bytes": 0,
        "rates": {
            "connections_per_second": 0,
            "incoming_packets_per_second": 0,
            "outgoing_packets_per_second": 0,
            "incoming_bytes_per_second": 0,
            "outgoing_bytes_per_second": 0,
        },
        "width": "bits64",
    })
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn json_has_every_field_whatever_it_holds() {
    in_namespace(|| {
        site();
        let destination = json!({
            "address": "198.51.100.9",
            "port": 80,
            "forward": "tunnel",
            "weight": 0,
            "upper_threshold": null,
            "lower_threshold": null,
            "tunnel": {"type": "gue", "port": 6080, "checksum": "full"},
            "active_connections": 0,
            "inactive_connections": 0,
            "persistent_connections": 0,
            "stats": no_stats(),
        });
        let list = json("list");
        let web = &list["services"][0];
        assert_eq!(web["destinations"].as_array().unwrap().len(), 4);
        assert_eq!(web["destinations"][2], destination);
        assert_eq!(web["destinations"][0]["upper_threshold"], 100);
        assert_eq!(web["destinations"][0]["lower_threshold"], 50);
        assert_eq!(web["destinations"][0]["tunnel"], Value::Null);
        assert_eq!(
            web["persistence"],
            json!({"timeout": "5m", "netmask": "255.255.255.0"})
        );

        let sip = json!({
            "protocol": "udp",
            "address": "192.0.2.10",
            "port": 5060,
            "fwmark": null,
            "family": "ipv4",
            "scheduler": "rr",
            "scheduler_flags": [],
            "persistence": {"timeout": "1m", "netmask": null},
            "persistence_engine": "sip",
            "one_packet": true,
            "stats": no_stats(),
            "destinations": [],
            "ineffective": null,
        });
        assert_eq!(list["services"][1], sip);
        assert_eq!(
            json("list --stats -u 192.0.2.10:5060"),
            json!({"services": [sip]})
        );

        let mut mark = list["services"][2].clone();
        assert_eq!(mark["destinations"][0]["port"], Value::Null);
        mark["destinations"] = Value::Null;
        let expected = json!({
            "protocol": null,
            "address": null,
            "port": null,
            "fwmark": 7,
            "family": "ipv6",
            "scheduler": "mh",
            "scheduler_flags": ["mh-fallback", "mh-port"],
            "persistence": null,
            "persistence_engine": null,
            "one_packet": false,
            "stats": no_stats(),
            "destinations": null,
            "ineffective": null,
        });
        assert_eq!(mark, expected);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_connection_is_listed_and_counted() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32"]);
        echo_at("198.51.100.7:8080");
        done("add-service -t 192.0.2.10:80 -s rr -p 5m");
        done("add-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -m");
        let talking = talk_to("192.0.2.10:80");

        let client = talking.local_addr().unwrap();
        let table = shown("connections");
        let mut lines: Vec<_> = table
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        let title: Vec<_> = lines.remove(0);
        assert_eq!(
            title,
            [
                "Protocol",
                "Client",
                "Service",
                "Destination",
                "State",
                "Expires",
                "Engine"
            ]
        );
        // What is left of the time is the last thing on a line.
        let mut lines: Vec<_> = lines.iter().map(|line| line[..5].join(" ")).collect();
        lines.sort();
        let mut expected = [
            "TCP 192.0.2.10:0 192.0.2.10:80 198.51.100.7:8080 template".to_owned(),
            format!("TCP {client} 192.0.2.10:80 198.51.100.7:8080 ESTABLISHED"),
        ];
        expected.sort();
        assert_eq!(lines, expected);

        let connections = json("connections");
        let connections = connections["connections"].as_array().unwrap();
        assert_eq!(connections.len(), 2);
        let mut open = connections
            .iter()
            .find(|one| one["state"] == "ESTABLISHED")
            .unwrap()
            .clone();
        assert!(
            open["expires"].as_str().unwrap().starts_with("14m "),
            "{open}"
        );
        open["expires"] = Value::Null;
        let expected = json!({
            "protocol": "tcp",
            "client": {"address": "192.0.2.10", "port": client.port()},
            "service": {"endpoint": {"address": "192.0.2.10", "port": 80}},
            "destination": {"address": "198.51.100.7", "port": 8080},
            "state": "ESTABLISHED",
            "expires": null,
            "engine": null,
            "origin": null,
        });
        assert_eq!(open, expected);

        // The kernel adds up what its CPUs counted every two seconds.
        let counted = || json("list")["services"][0].clone();
        let service = eventually(counted, |service| service["stats"]["connections"] == 1);
        let destination = &service["destinations"][0];
        assert_eq!(destination["stats"]["connections"], 1);
        assert_eq!(destination["active_connections"], 1);
        assert_eq!(destination["persistent_connections"], 1);
        assert!(
            destination["stats"]["incoming_bytes"].as_u64() > Some(0),
            "{destination}"
        );
        let stats = shown("list --stats");
        let row: Vec<_> = stats.lines().nth(2).unwrap().split_whitespace().collect();
        assert_eq!(row[..3], ["TCP", "192.0.2.10:80", "1"]);
    });
}

/// Very many services with a destination each, in the program's own format.
fn thousand() -> String {
    (0..1000).fold(String::new(), |mut text, number| {
        let (high, low) = (number / 256, number % 256);
        let _ = writeln!(text, "[[service]]\ntcp = \"10.0.{high}.{low}:80\"");
        let _ = writeln!(
            text,
            "[[service.destination]]\naddress = \"198.51.100.7:80\""
        );
        text
    })
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_thousand_services_are_listed_whole_or_as_far_as_somebody_reads() {
    in_namespace(|| {
        let restored = counted_for("restore", &thousand());
        assert_eq!(
            restored,
            "restored 1000 services with 1000 destinations: 2000 changes\n"
        );
        let table = shown("list");
        assert_eq!(
            table
                .lines()
                .filter(|line| line.starts_with("TCP 10.0."))
                .count(),
            1000
        );
        assert_eq!(table.lines().count(), 2 + 2000);
        let list = json("list");
        assert_eq!(list["services"].as_array().unwrap().len(), 1000);
        assert_eq!(list["services"][999]["address"], "10.0.3.231");

        // More than a pipe holds: the program is still writing when the reader goes.
        for command in ["list", "list --output json", "save", "completions bash"] {
            let script = format!("ipvs-rs {command} | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}");
            let output = process::output("bash", &["-c", &script]);
            assert_eq!(
                (output.stdout.as_str(), output.stderr.as_str()),
                ("0\n", ""),
                "{command}"
            );
        }
        for command in ["list", "completions zsh"] {
            let output = process::output("sh", &["-c", &format!("ipvs-rs {command} >/dev/full")]);
            assert_eq!(output.status, Some(1), "{command}");
            assert_eq!(
                output.stderr,
                "error: cannot write to standard output: No space left on device (os error 28)\n",
                "{command}"
            );
        }
    });
}
