//! The program on a kernel: what each command does to services and to the whole table, read back
//! by Debian's `ipvsadm` and by the program itself.

use crate::common::program::{done, json, refused, shown, typed};
use crate::common::traffic::{echo_at, eventually, own, talk_to};
use crate::common::{lines, saved};
use ipvs_lab::netns::Netns;
use ipvs_lab::{in_namespace, process};
use serde_json::{Value, json};

/// Services of every kind: as the program names them, and as ipvsadm does.
const KINDS: [(&str, &str); 8] = [
    ("-t 192.0.2.10:80", "-t 192.0.2.10:80"),
    ("-t [2001:db8::10]:80", "-t [2001:db8::10]:80"),
    ("-u 192.0.2.10:80", "-u 192.0.2.10:80"),
    ("-u [2001:db8::10]:80", "-u [2001:db8::10]:80"),
    ("--sctp 192.0.2.10:80", "--sctp-service 192.0.2.10:80"),
    (
        "--sctp [2001:db8::10]:80",
        "--sctp-service [2001:db8::10]:80",
    ),
    ("-f 4000000000", "-f -294967296"),
    ("-f 7 -6", "-f 7 -6"),
];

/// TCP 192.0.2.10:80, scheduled round robin.
fn web() {
    done("add-service -t 192.0.2.10:80 -s rr");
}

/// The only service there is, as JSON.
#[track_caller]
fn the_service() -> Value {
    let mut list = json("list");
    let services = list["services"].as_array_mut().unwrap();
    assert_eq!(services.len(), 1);
    services.remove(0)
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_of_every_kind_is_added_listed_zeroed_and_deleted() {
    in_namespace(|| {
        for (named, by_ipvsadm) in KINDS {
            done(&format!("add-service {named}"));
            assert_eq!(saved(), format!("-A {by_ipvsadm} -s wlc"));
            assert_eq!(json(&format!("list {named}")), json("list"), "{named}");
            done(&format!("zero {named}"));
            done(&format!("delete-service {named}"));
            assert_eq!(saved(), "", "{named}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn every_option_of_a_new_service_reaches_the_kernel() {
    in_namespace(|| {
        for (typed, by_ipvsadm) in [
            ("-t 192.0.2.10:80 -s rr", "-t 192.0.2.10:80 -s rr"),
            ("-t 192.0.2.10:80 -p -s rr", "-t 192.0.2.10:80 -s rr -p 360"),
            (
                "-t 192.0.2.10:80 -s rr -p 5m",
                "-t 192.0.2.10:80 -s rr -p 300",
            ),
            (
                "-t 192.0.2.10:80 -s rr -p31d",
                "-t 192.0.2.10:80 -s rr -p 2678400",
            ),
            (
                "-t 192.0.2.10:80 -s rr -p 50 -M 255.255.255.0",
                "-t 192.0.2.10:80 -s rr -p 50 -M 255.255.255.0",
            ),
            (
                "--tcp=[2001:db8::10]:80 --scheduler=wrr --persistent=50s --netmask=64",
                "-t [2001:db8::10]:80 -s wrr -p 50 -M 64",
            ),
            ("-u 192.0.2.10:53 --ops -s rr", "-u 192.0.2.10:53 -s rr -o"),
            ("-f 7 -o -s rr", "-f 7 -s rr -o"),
            (
                "-u 192.0.2.10:5060 -p 60 --pe sip",
                "-u 192.0.2.10:5060 -s wlc -p 60 --pe sip",
            ),
            (
                "-t 192.0.2.10:80 -s sh -b sh-port,sh-fallback",
                "-t 192.0.2.10:80 -s sh -b sh-fallback,sh-port",
            ),
            (
                "-t 192.0.2.10:80 -b mh-port -s mh",
                "-t 192.0.2.10:80 -s mh -b mh-port",
            ),
            (
                "-t 192.0.2.10:80 -s rr -b flag-1,flag-3",
                "-t 192.0.2.10:80 -s rr -b flag-1,flag-3",
            ),
            ("--fwmark-service 7 --ipv6 -s sed", "-f 7 -6 -s sed"),
        ] {
            done(&format!("add-service {typed}"));
            assert_eq!(saved(), format!("-A {by_ipvsadm}"), "{typed}");
            done("flush --yes");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_persistent_service_takes_every_port_however_that_is_written() {
    in_namespace(|| {
        for (typed, by_ipvsadm) in [
            ("192.0.2.10", "192.0.2.10:0"),
            ("192.0.2.10:0", "192.0.2.10:0"),
            ("2001:db8::10", "[2001:db8::10]:0"),
            ("[2001:db8::10]", "[2001:db8::10]:0"),
            ("[2001:db8::10]:0", "[2001:db8::10]:0"),
        ] {
            done(&format!("add-service -t {typed} -s rr -p 50"));
            assert_eq!(
                saved(),
                format!("-A -t {by_ipvsadm} -s rr -p 50"),
                "{typed}"
            );
            assert_eq!(the_service()["port"], Value::Null, "{typed}");
            done(&format!("delete-service -t {typed}"));
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_edit_of_a_service_keeps_what_it_does_not_name() {
    in_namespace(|| {
        let service = "-u 192.0.2.10:5060";
        done(&format!(
            "add-service {service} -s sh -b sh-port -p 300 -M 255.255.255.0 --pe sip -o"
        ));
        done(&format!("add-destination {service} -r 198.51.100.7 -w 3"));
        let destination = "-a -u 192.0.2.10:5060 -r 198.51.100.7:5060 -g -w 3";
        for (edit, now) in [
            (
                "-s mh",
                "-s mh -p 300 -M 255.255.255.0 --pe sip -o -b mh-port",
            ),
            (
                "-p 600",
                "-s mh -p 600 -M 255.255.255.0 --pe sip -o -b mh-port",
            ),
            (
                "-M 255.255.0.0",
                "-s mh -p 600 -M 255.255.0.0 --pe sip -o -b mh-port",
            ),
            (
                "--no-ops",
                "-s mh -p 600 -M 255.255.0.0 --pe sip -b mh-port",
            ),
            (
                "-b mh-fallback",
                "-s mh -p 600 -M 255.255.0.0 --pe sip -b mh-fallback",
            ),
            ("--no-sched-flags", "-s mh -p 600 -M 255.255.0.0 --pe sip"),
            ("--no-pe", "-s mh -p 600 -M 255.255.0.0"),
            ("--no-persistence", "-s mh"),
            ("-o", "-s mh -o"),
            ("-p", "-s mh -p 360 -o"),
            ("--pe sip -s rr", "-s rr -p 360 --pe sip -o"),
        ] {
            done(&format!("edit-service {service} {edit}"));
            assert_eq!(
                saved(),
                lines([&format!("-A {service} {now}"), destination]),
                "{edit}"
            );
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn counters_are_zeroed_for_one_service_or_for_all() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32"]);
        echo_at("198.51.100.7:8080");
        for service in ["-t 192.0.2.10:80", "-t 192.0.2.10:81"] {
            done(&format!("add-service {service} -s rr"));
            done(&format!(
                "add-destination {service} -r 198.51.100.7:8080 -m"
            ));
        }
        let counted = || {
            let list = json("list");
            let services = list["services"].as_array().unwrap();
            let counted = services
                .iter()
                .map(|service| service["stats"]["connections"].clone());
            counted.collect::<Vec<_>>()
        };
        let _talking = [talk_to("192.0.2.10:80"), talk_to("192.0.2.10:81")];
        assert_eq!(eventually(counted, |counted| *counted == [1, 1]), [1, 1]);
        done("zero -t 192.0.2.10:80");
        assert_eq!(counted(), [0, 1]);
        done("zero");
        assert_eq!(counted(), [0, 0]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn everything_is_deleted_by_those_who_say_yes() {
    in_namespace(|| {
        web();
        done("add-destination -t 192.0.2.10:80 -r 198.51.100.7");
        let before = saved();
        assert_eq!(typed("flush", "").status, Some(2));
        assert_eq!(saved(), before);
        done("flush --yes");
        assert_eq!(saved(), "");
        assert_eq!(shown("save --format ipvsadm"), "");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn timeouts_are_shown_and_those_that_are_named_are_set() {
    in_namespace(|| {
        assert_eq!(
            shown("timeouts"),
            "tcp      15m\ntcp-fin  2m\nudp      5m\n"
        );
        done("timeouts --tcp 20m --udp 30s");
        let by_ipvsadm = || process::ipvsadm(&["-L", "--timeout"]);
        assert_eq!(by_ipvsadm(), "Timeout (tcp tcpfin udp): 1200 120 30");
        assert_eq!(
            json("timeouts"),
            json!({"tcp": "20m", "tcp_fin": "2m", "udp": "30s"})
        );
        done("timeouts --tcp-fin 45");
        assert_eq!(by_ipvsadm(), "Timeout (tcp tcpfin udp): 1200 45 30");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn info_says_what_ipvsadm_says() {
    in_namespace(|| {
        let by_ipvsadm = process::ipvsadm(&["-Ln"]);
        let title = by_ipvsadm.lines().next().unwrap();
        let info = json("info");
        let (version, size) = (
            info["version"].as_str().unwrap(),
            &info["connection_table_size"],
        );
        assert_eq!(
            title,
            format!("IP Virtual Server version {version} (size={size})")
        );
        assert_eq!(
            shown("info"),
            format!("IPVS {version}, connection table of {size} buckets\n")
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_command_works_in_the_namespace_it_is_told() {
    let director = Netns::new("director");
    in_namespace(|| {
        done("--netns director add-service -t 192.0.2.10:80 -s rr");
        done("timeouts --netns director --udp 77");
        assert_eq!(json("list"), json!({"services": []}));
        assert_eq!(
            shown("timeouts"),
            "tcp      15m\ntcp-fin  2m\nudp      5m\n"
        );
    });
    assert_eq!(director.enter(saved), "-A -t 192.0.2.10:80 -s rr");
    assert_eq!(json("--netns director timeouts")["udp"], "1m 17s");
    in_namespace(|| refused("list --netns ..", "no such network namespace: .."));
}
