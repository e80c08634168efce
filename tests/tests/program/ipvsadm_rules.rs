//! `restore --format ipvsadm` and `ipvsadm -R`: the same lines do the same, and what ipvsadm refuses is
//! never accepted and dropped.

use ipvs::Table;
use ipvs_lab::{in_namespace, process};
use serde_json::{Value, json};

use crate::common::program::{counted_for, refused_for, shown_for, typed};
use crate::common::traffic::{echo_at, own, talk_to};
use crate::common::{client, saved};

const SITE: &str = "\
-A -t 192.0.2.10:80 -s wlc -p 300
-a -t 192.0.2.10:80 -r 198.51.100.1:80 -g -w 1
-a -t 192.0.2.10:80 -r 198.51.100.2:8080 -m -w 5 -x 100 -y 50
-a -t 192.0.2.10:80 -r 198.51.100.3:80 -i -w 1 --tun-type gre --tun-csum
-A -u 192.0.2.10:53 -s rr
-A -f 7 -6 -s sh -b sh-port
";

#[track_caller]
fn by_ipvsadm(rules: &str) {
    process::output_with_input("ipvsadm", &["-R"], rules).success();
}

/// The table after rules for a kernel that has the site.
fn site_after(restore: fn(&str), rules: &str) -> (Table, String) {
    let mut after = None;
    in_namespace(|| {
        by_ipvsadm(SITE);
        by_ipvsadm("--start-daemon master --mcast-interface lo --syncid 3");
        restore(rules);
        after = Some((client().table().unwrap(), saved()));
    });
    after.unwrap()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn every_command_leads_to_the_table_that_ipvsadm_makes() {
    for rules in [
        "-C",
        "-C\n-A -t 192.0.2.11:80 -s rr\n-a -t 192.0.2.11:80 -r 198.51.100.1:80",
        "-A -t 192.0.2.11:80\n-C",
        "-E -t 192.0.2.10:80 -s rr",
        "-E -f 7 -6 -s wrr -p 60 -M 64",
        "-D -t 192.0.2.10:80",
        "-D -u 192.0.2.10:53\n-A -u 192.0.2.10:53 -s sh\n-D -f 7 -6",
        "-a -u 192.0.2.10:53 -r 198.51.100.9",
        "-e -t 192.0.2.10:80 -r 198.51.100.2:8080 -m -w 7",
        "-e -t 192.0.2.10:80 -r 198.51.100.1 -i -w 7",
        "-d -t 192.0.2.10:80 -r 198.51.100.2:8080\n-d -t 192.0.2.10:80 -r 198.51.100.1",
        "--set 60 0 30\n--set 0 20 0",
        "--stop-daemon master",
        "--stop-daemon master\n--start-daemon master --mcast-interface lo --syncid 9 \
         --mcast-group 239.1.1.1 --mcast-port 9000 --mcast-ttl 5",
        "--start-daemon backup --mcast-interface lo --syncid 4",
        "ipvsadm -D -f 7 -6\nipvsadm -A -t 192.0.2.12:80 -srr -p60",
    ] {
        let ours = site_after(
            |rules| {
                shown_for("restore --format ipvsadm", rules);
            },
            rules,
        );
        assert_eq!(ours, site_after(by_ipvsadm, rules), "{rules}");
    }
}

/// What ipvsadm refuses, behind a line that it accepts.
const REFUSED: [&str; 30] = [
    "-A -t 192.0.2.12:80 -r 198.51.100.1",
    "-A -t 192.0.2.12:80 -w 3",
    "-A -t 192.0.2.12:80 -g",
    "-A -t 192.0.2.12:80 --mcast-interface lo",
    "-A -t 192.0.2.12:80 -n",
    "-A -t 192.0.2.12:80 web",
    "-A -t 192.0.2.12:80 # web",
    "-A -t 192.0.2.12:80 -s rr -s rr",
    "-A -t 192.0.2.12:80 -D",
    "-A -t 192.0.2.12:80 -6",
    "-A -t 192.0.2.12:80 --no-such-option",
    "-A -t 192.0.2.12:no-such-port",
    "-a -t 192.0.2.11:80 -r 198.51.100.1 -p 300",
    "-a -t 192.0.2.11:80 -r 198.51.100.1 -s wlc",
    "-a -t 192.0.2.11:80 -r 198.51.100.1 -o",
    "-a -t 192.0.2.11:80 -r 198.51.100.1 -g -m",
    "-a -t 192.0.2.11:80 -r 198.51.100.1 --tun-port 6080",
    "-a -t 192.0.2.11:80 -r 198.51.100.1 -i --tun-csum",
    "-a -t 192.0.2.11:80 -r 198.51.100.1 -w heavy",
    "-a -t 192.0.2.11:80",
    "-d -t 192.0.2.11:80 -r 198.51.100.1 -w 1",
    "-d -t 192.0.2.11:80 -r 198.51.100.1",
    "-e -t 192.0.2.11:80 -r 198.51.100.1",
    "-E -t 192.0.2.12:80 -s rr",
    "-D -t 192.0.2.12:80",
    "-D -t 192.0.2.11:80 -s rr",
    "-C -t 192.0.2.11:80",
    "--set 60 60",
    "--stop-daemon backup",
    "add -t 192.0.2.12:80",
];

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_ipvsadm_refuses_is_not_accepted_and_dropped() {
    in_namespace(|| {
        for refused in REFUSED {
            let rules = format!("-A -t 192.0.2.11:80 -s rr\n{refused}\n");
            let before = client().table().unwrap();
            let ours = typed("restore --format ipvsadm", &rules);
            assert_eq!(ours.status, Some(1), "{refused}");
            assert!(
                ours.stderr.starts_with("error: standard input, line 2: "),
                "{refused}: {}",
                ours.stderr
            );
            assert_eq!(client().table().unwrap(), before, "{refused}");

            let theirs = process::output_with_input("ipvsadm", &["-R"], &rules);
            assert_ne!(theirs.status, Some(0), "{refused}");
            client().flush().unwrap();
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_ipvsadm_drops_silently_is_refused_or_told() {
    in_namespace(|| {
        let netmask = "-A -t 192.0.2.11:80 -M 255.255.255.0";
        by_ipvsadm(netmask);
        assert_eq!(saved(), "-A -t 192.0.2.11:80 -s wlc", "it lost the netmask");
        refused_for(
            "restore --format ipvsadm",
            netmask,
            "standard input, line 1: -M needs -p",
        );

        let port = "-A -t 192.0.2.11:80\n-a -t 192.0.2.11:80 -r 198.51.100.1:8080\n";
        let output = typed("restore --format ipvsadm --quiet", port);
        assert_eq!(
            (
                output.status,
                output.stdout.as_str(),
                output.stderr.as_str()
            ),
            (
                Some(0),
                "",
                "warning: standard input, line 2: as in ipvsadm, the destination is 198.51.100.1:80, \
                 not port 8080: only -m changes the port\n"
            )
        );
        let ours = saved();
        client().flush().unwrap();
        by_ipvsadm(port);
        assert_eq!(saved(), ours);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn names_that_ipvsadm_saves_are_read() {
    in_namespace(|| {
        let rules = "\
-A -t 127.0.0.1:80 -s rr
-a -t 127.0.0.1:80 -r 198.51.100.1:443 -m -w 1
-A -u 192.0.2.10:53 -s rr
-a -u 192.0.2.10:53 -r 198.51.100.1:53 -g -w 1";
        by_ipvsadm(rules);
        let named = process::ipvsadm(&["-S"]);
        assert_ne!(named, rules, "this host knows no names");
        client().flush().unwrap();
        shown_for("restore --format ipvsadm", &named);
        assert_eq!(saved(), rules);

        refused_for(
            "restore --format ipvsadm",
            "-A -t www.example.com:http\n",
            "standard input, line 1: -t www.example.com:http: host \"www.example.com\" has no IPv4 \
             address in /etc/hosts (--resolve asks the resolver)",
        );
        refused_for(
            "restore --resolve",
            "# nothing\n",
            "--resolve is for --format ipvsadm: the other formats have no names",
        );
        client().flush().unwrap();
        shown_for(
            "restore --format ipvsadm --resolve",
            "-A -t localhost:80 -s rr",
        );
        assert_eq!(saved(), "-A -t 127.0.0.1:80 -s rr");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_empty_input_deletes_nothing() {
    in_namespace(|| {
        by_ipvsadm(SITE);
        let before = (client().table().unwrap(), saved());
        for rules in ["", "\n", "# nothing\n"] {
            let output = typed("restore --format ipvsadm", rules);
            assert_eq!(output.status, Some(0));
            assert_eq!(
                output.stderr,
                "warning: standard input has no rules: nothing is changed\n"
            );
        }
        let nothing = "standard input is empty: there is nothing to restore";
        for format in ["toml", "json"] {
            refused_for(&format!("restore --format {format}"), "", nothing);
        }
        assert_eq!((client().table().unwrap(), saved()), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_deletion_that_the_kernel_refuses_late_is_undone_with_all_destinations() {
    in_namespace(|| {
        by_ipvsadm(SITE);
        refused_for(
            "restore --format ipvsadm",
            "-C\n-A -t 192.0.2.12:80 -s rrr\n",
            "cannot add service tcp:192.0.2.12:80; nothing was changed: scheduler \"rrr\" is not in \
             this kernel",
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn no_server_with_connections_is_deleted_without_a_warning() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.1/32", "198.51.100.2/32"]);
        let site = "-A -t 192.0.2.10:80 -s rr\n-a -t 192.0.2.10:80 -r 198.51.100.1:8080 -m\n";
        echo_at("198.51.100.1:8080");
        shown_for("restore --format ipvsadm", site);
        shown_for(
            "restore --format ipvsadm",
            "-a -t 192.0.2.10:80 -r 198.51.100.2:8080 -m -w 0",
        );
        let _talking = talk_to("192.0.2.10:80");

        let warning = |is: &str| {
            format!(
                "warning: destination 198.51.100.1:8080 of service tcp:192.0.2.10:80 {is} deleted with 1 \
                 active and 0 inactive connections; the kernel then drops their packets. To let them end \
                 first: ipvs-rs drain-destination -t 192.0.2.10:80 -r 198.51.100.1:8080\n"
            )
        };
        let before = saved();
        let dry = typed("restore --format ipvsadm --dry-run", "-C");
        assert_eq!(dry.stderr, warning("would be"));
        assert_eq!(saved(), before);
        assert_eq!(
            dry.stdout,
            "delete destination 198.51.100.1:8080 of service tcp:192.0.2.10:80\n\
             delete destination 198.51.100.2:8080 of service tcp:192.0.2.10:80\n\
             delete service tcp:192.0.2.10:80\n\
             would restore 0 services with 0 destinations: 3 changes; nothing was changed (dry run)\n"
        );
        let told = typed("restore --format ipvsadm --output json", "-C");
        assert_eq!((told.status, told.stderr), (Some(0), warning("is")));
        let told: Value = serde_json::from_str(&told.stdout).unwrap();
        assert_eq!(
            told["deleted_with_connections"],
            json!([{
                "service": "tcp:192.0.2.10:80", "address": "198.51.100.1", "port": 8080,
                "active_connections": 1, "inactive_connections": 0
            }])
        );
        assert_eq!(told["changes"][0]["change"], "delete_destination");
        assert_eq!(told["changes"][2]["change"], "delete_service");
        assert_eq!(saved(), "");
        assert_eq!(
            counted_for("restore --format ipvsadm", site),
            "restored 1 service with 1 destination: 2 changes\n"
        );
    });
}
