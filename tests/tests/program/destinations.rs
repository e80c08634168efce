//! The program on a kernel: what each command does to destinations, read back by Debian's `ipvsadm`
//! and by the program itself.

use crate::common::program::{done, json};
use crate::common::{lines, saved};
use ipvs_lab::{in_namespace, process};
use serde_json::{Value, json};

/// TCP 192.0.2.10:80, scheduled round robin.
fn web() {
    done("add-service -t 192.0.2.10:80 -s rr");
}

/// The only destination of TCP 192.0.2.10:80, as JSON.
#[track_caller]
fn the_destination() -> Value {
    let mut list = json("list -t 192.0.2.10:80");
    let destinations = list["services"][0]["destinations"].as_array_mut().unwrap();
    assert_eq!(destinations.len(), 1);
    destinations.remove(0)
}

/// What ipvsadm says of the thresholds of destinations: upper and lower.
fn thresholds() -> Vec<(String, String)> {
    let listing = process::ipvsadm(&["-Ln", "--thresholds"]);
    let destinations = listing.lines().filter(|line| line.starts_with("  -> "));
    let rows = destinations.map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.len() == 6)
        .map(|row| (row[2].to_owned(), row[3].to_owned()))
        .collect()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn every_option_of_a_new_destination_reaches_the_kernel() {
    in_namespace(|| {
        web();
        for (typed, by_ipvsadm) in [
            ("-r 198.51.100.7", "-r 198.51.100.7:80 -g -w 1"),
            (
                "-r 198.51.100.7:80 --direct -w 0",
                "-r 198.51.100.7:80 -g -w 0",
            ),
            ("-r 198.51.100.7 -m", "-r 198.51.100.7:80 -m -w 1"),
            (
                "-r 198.51.100.7:8080 -m -w 2147483647",
                "-r 198.51.100.7:8080 -m -w 2147483647",
            ),
            (
                "-r 198.51.100.7 -i",
                "-r 198.51.100.7:80 -i -w 1 --tun-type ipip",
            ),
            (
                "-r 198.51.100.7 --tunnel ipip",
                "-r 198.51.100.7:80 -i -w 1 --tun-type ipip",
            ),
            (
                "-r 198.51.100.7 --tunnel gue,port=6080",
                "-r 198.51.100.7:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum",
            ),
            (
                "-r 198.51.100.7 --tunnel gue,csum,port=6080",
                "-r 198.51.100.7:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum",
            ),
            (
                "-r 198.51.100.7 --tunnel gue,port=6080,remcsum",
                "-r 198.51.100.7:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum",
            ),
            (
                "-r 198.51.100.7 --tunnel gre",
                "-r 198.51.100.7:80 -i -w 1 --tun-type gre --tun-nocsum",
            ),
            (
                "-r 2001:db8:1::7 --tunnel gre,csum",
                "-r [2001:db8:1::7]:80 -i -w 1 --tun-type gre --tun-csum",
            ),
        ] {
            done(&format!("add-destination -t 192.0.2.10:80 {typed}"));
            let destination = format!("-a -t 192.0.2.10:80 {by_ipvsadm}");
            assert_eq!(
                saved(),
                lines(["-A -t 192.0.2.10:80 -s rr", &destination]),
                "{typed}"
            );
            let named: Vec<_> = typed.split(' ').take(2).collect();
            done(&format!(
                "delete-destination -t 192.0.2.10:80 {}",
                named.join(" ")
            ));
            assert_eq!(saved(), "-A -t 192.0.2.10:80 -s rr", "{typed}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_new_weight_keeps_masquerading_the_port_and_the_thresholds() {
    in_namespace(|| {
        web();
        let destination = "-t 192.0.2.10:80 -r 198.51.100.7:8080";
        done(&format!(
            "add-destination {destination} -m -w 5 -x 100 -y 50"
        ));
        done(&format!("edit-destination {destination} -w 20"));
        let now = "-a -t 192.0.2.10:80 -r 198.51.100.7:8080 -m -w 20";
        assert_eq!(saved(), lines(["-A -t 192.0.2.10:80 -s rr", now]));
        assert_eq!(thresholds(), [("100".to_owned(), "50".to_owned())]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_edit_of_a_destination_keeps_what_it_does_not_name() {
    in_namespace(|| {
        web();
        let destination = "-t 192.0.2.10:80 -r 198.51.100.7";
        done(&format!(
            "add-destination {destination} --tunnel gue,port=6080,csum -x 100 -y 50"
        ));
        let gue = json!({"type": "gue", "port": 6080, "checksum": "full"});
        for (edit, weight, upper, lower, forward, tunnel) in [
            ("-w 3", 3, json!(100), json!(50), "tunnel", &gue),
            ("-x 200", 3, json!(200), json!(50), "tunnel", &gue),
            ("-y none", 3, json!(200), Value::Null, "tunnel", &gue),
            ("-y 7", 3, json!(200), json!(7), "tunnel", &gue),
            (
                "-x none -y none",
                3,
                Value::Null,
                Value::Null,
                "tunnel",
                &gue,
            ),
            (
                "-x 9 -i",
                3,
                json!(9),
                Value::Null,
                "tunnel",
                &json!({"type": "ipip"}),
            ),
            ("-g", 3, json!(9), Value::Null, "direct", &Value::Null),
            ("-m", 3, json!(9), Value::Null, "masquerade", &Value::Null),
        ] {
            done(&format!("edit-destination {destination} {edit}"));
            let now = the_destination();
            let read = [
                "weight",
                "upper_threshold",
                "lower_threshold",
                "forward",
                "tunnel",
            ];
            let expected = [&json!(weight), &upper, &lower, &json!(forward), tunnel];
            assert_eq!(read.map(|key| &now[key]), expected, "{edit}");
        }
        let now = "-a -t 192.0.2.10:80 -r 198.51.100.7:80 -m -w 3";
        assert_eq!(saved(), lines(["-A -t 192.0.2.10:80 -s rr", now]));
        assert_eq!(thresholds(), [("9".to_owned(), "0".to_owned())]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn only_the_destination_that_is_named_is_changed_or_deleted() {
    in_namespace(|| {
        for service in ["-f 7", "-f 7 -6"] {
            done(&format!("add-service {service} -s rr"));
        }
        for server in ["192.0.2.21", "192.0.2.22:8080"] {
            done(&format!("add-destination -f 7 -r {server} -m"));
        }
        done("add-destination -f 7 -6 -r 2001:db8::21 -m");
        done("edit-destination -f 7 -r 192.0.2.22:8080 -w 9");
        let services = ["-A -f 7 -s rr", "-A -f 7 -6 -s rr"];
        let kept = "-a -f 7 -r 192.0.2.22:8080 -m -w 9";
        let other = "-a -f 7 -6 -r [2001:db8::21]:0 -m -w 1";
        let gone = "-a -f 7 -r 192.0.2.21:0 -m -w 1";
        assert_eq!(
            saved(),
            lines([services[0], gone, kept, services[1], other])
        );

        done("delete-destination -f 7 -r 192.0.2.21");
        assert_eq!(saved(), lines([services[0], kept, services[1], other]));
        done("delete-service -f 7");
        assert_eq!(saved(), lines([services[1], other]));
    });
}
