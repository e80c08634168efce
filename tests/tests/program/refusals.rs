//! The program refused by a kernel or by the library: the exact line, and nothing changed.

use crate::common::program::{configured, done, refused, typed};
use ipvs_lab::process::Output;
use ipvs_lab::{in_namespace, process};

/// TCP 192.0.2.10:80 with a direct and a masqueraded destination, and a UDP service.
fn site() {
    done("add-service -t 192.0.2.10:80 -s rr");
    done("add-destination -t 192.0.2.10:80 -r 198.51.100.7");
    done("add-destination -t 192.0.2.10:80 -r 198.51.100.8:8080 -m -x 100 -y 50");
    done("add-service -u 192.0.2.10:53 -s rr");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_exists_already_is_named() {
    in_namespace(|| {
        site();
        refused(
            "add-service -t 192.0.2.10:80 -s wlc",
            "service tcp:192.0.2.10:80 already exists",
        );
        refused(
            "add-destination -t 192.0.2.10:80 -r 198.51.100.7 -w 9",
            "destination 198.51.100.7:80 of service tcp:192.0.2.10:80 already exists",
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_does_not_exist_is_named() {
    in_namespace(|| {
        site();
        for command in [
            "edit-service -t 192.0.2.10:81 -s wlc",
            "delete-service -t 192.0.2.10:81",
            "add-destination -t 192.0.2.10:81 -r 198.51.100.7",
            "edit-destination -t 192.0.2.10:81 -r 198.51.100.7 -w 2",
            "delete-destination -t 192.0.2.10:81 -r 198.51.100.7",
            "list -t 192.0.2.10:81",
            "list -t 192.0.2.10:81 --stats --output json",
            "zero -t 192.0.2.10:81",
        ] {
            refused(command, "no such service: tcp:192.0.2.10:81");
        }
        for command in ["delete-service -f 7 -6", "zero -f 7 -6"] {
            refused(command, "no such service: fwmark:7/ipv6");
        }
        for command in ["edit-destination -w 2", "delete-destination"] {
            refused(
                &format!("{command} -t 192.0.2.10:80 -r 198.51.100.9"),
                "no such destination: 198.51.100.9:80 of service tcp:192.0.2.10:80",
            );
            // A port that is left out is that of the service.
            refused(
                &format!("{command} -t 192.0.2.10:80 -r 198.51.100.8"),
                "no such destination: 198.51.100.8:80 of service tcp:192.0.2.10:80",
            );
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_scheduler_or_an_engine_that_this_kernel_lacks_is_named() {
    in_namespace(|| {
        site();
        for command in [
            "add-service -t 192.0.2.10:81 -s rrr",
            "edit-service -t 192.0.2.10:80 -s rrr",
        ] {
            refused(command, "scheduler \"rrr\" is not in this kernel");
        }
        refused(
            "add-service -u 192.0.2.10:5060 -p 60 --pe xip",
            "scheduler \"wlc\" or persistence engine \"xip\" is not in this kernel",
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_that_makes_no_sense_is_explained() {
    in_namespace(|| {
        site();
        refused(
            "add-service -t 192.0.2.11 -s rr",
            "service tcp:192.0.2.11:0 needs a port: only a persistent service takes every port",
        );
        // Without brackets all of it is the address, and the message shows that.
        refused(
            "add-service -t 2001:db8::10:80 -s rr",
            "service tcp:[2001:db8::10:80]:0 needs a port: only a persistent service takes every \
             port",
        );
        for (command, port) in [
            ("add-service -t 192.0.2.10:81 -o", 81),
            ("edit-service -t 192.0.2.10:80 -o", 80),
        ] {
            refused(
                command,
                &format!(
                    "service tcp:192.0.2.10:{port} cannot schedule packets one by one: only UDP \
                     and fwmark services can"
                ),
            );
        }
        refused(
            "add-service -t 192.0.2.10:81 -p 5m -M 64",
            "netmask 64 does not fit service tcp:192.0.2.10:81: IPv4 takes one like 255.255.255.0",
        );
        refused(
            "add-service -t 192.0.2.10:81 -M 255.255.255.0",
            "--netmask needs --persistent",
        );
        refused(
            "edit-service -t 192.0.2.10:80 -M 255.255.255.0",
            "--netmask needs --persistent: service tcp:192.0.2.10:80 is not persistent",
        );
        for (command, scheduler, flags) in [
            (
                "add-service -t 192.0.2.10:81 -s sh -b mh-port",
                "sh",
                "sh-fallback, sh-port, ",
            ),
            ("edit-service -t 192.0.2.10:80 -b mh-port", "rr", ""),
        ] {
            refused(
                command,
                &format!(
                    "scheduler {scheduler} has no flag \"mh-port\": {flags}flag-1, flag-2 or flag-3"
                ),
            );
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_that_makes_no_sense_is_explained() {
    in_namespace(|| {
        site();
        let rewritten = |method: &str| {
            format!(
                "destination 198.51.100.8:8080 must have the port of service tcp:192.0.2.10:80: \
                 {method} forwarding does not rewrite it (masquerade does)"
            )
        };
        done("delete-destination -t 192.0.2.10:80 -r 198.51.100.8:8080");
        for (option, method) in [("", "direct"), ("-g", "direct"), ("-i", "tunnel")] {
            refused(
                &format!("add-destination -t 192.0.2.10:80 -r 198.51.100.8:8080 {option}"),
                &rewritten(method),
            );
        }
        done("add-destination -t 192.0.2.10:80 -r 198.51.100.8:8080 -m -x 100 -y 50");
        refused(
            "edit-destination -t 192.0.2.10:80 -r 198.51.100.8:8080 -g",
            &rewritten("direct"),
        );
        for (command, lower) in [
            (
                "add-destination -t 192.0.2.10:80 -r 198.51.100.9 -x 9 -y 10",
                10,
            ),
            ("add-destination -t 192.0.2.10:80 -r 198.51.100.9 -y 10", 10),
            (
                "edit-destination -t 192.0.2.10:80 -r 198.51.100.8:8080 -x 49",
                50,
            ),
            (
                "edit-destination -t 192.0.2.10:80 -r 198.51.100.8:8080 -x none",
                50,
            ),
        ] {
            refused(
                command,
                &format!("lower threshold {lower} needs an upper threshold that is not below it"),
            );
        }
        refused(
            "add-destination -t 192.0.2.10:80 -r 2001:db8::21",
            "destination [2001:db8::21]:80 and service tcp:192.0.2.10:80 are of different address \
             families: only a tunnel joins them",
        );
        refused(
            "add-destination -t 192.0.2.10:80 -r 224.0.0.1",
            "224.0.0.1:80 cannot be a destination of service tcp:192.0.2.10:80: its address must \
             be unicast or local, and lo must be up",
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn times_out_of_range_and_edits_of_nothing_are_refused() {
    in_namespace(|| {
        site();
        for (command, what) in [
            (
                "add-service -t 192.0.2.10:81 -p 0",
                "persistence of 0s is out of range: 1s to ",
            ),
            (
                "edit-service -t 192.0.2.10:80 -p 1500ms",
                "persistence of 1s 500ms is out of range",
            ),
            ("timeouts --tcp 0", "timeout of 0s is out of range: 1s to "),
            (
                "timeouts --udp 25d",
                "timeout of 25d is out of range: 1s to ",
            ),
            (
                "edit-service -t 192.0.2.10:80",
                "nothing to change: name at least one setting (see --help)",
            ),
            (
                "edit-destination -t 192.0.2.10:80 -r 198.51.100.7",
                "nothing to change: name at least one setting (see --help)",
            ),
        ] {
            let before = configured();
            let output = typed(command, "");
            assert_eq!(
                (output.status, output.stdout.as_str()),
                (Some(1), ""),
                "{command}"
            );
            assert!(
                output.stderr.starts_with(&format!("error: {what}")),
                "{}",
                output.stderr
            );
            assert_eq!(configured(), before, "{command}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn without_privilege_every_command_but_two_says_which_it_needs() {
    in_namespace(|| {
        site();
        let before = configured();
        for command in [
            "list --stats",
            "list --rate --output json",
            "add-service -t 192.0.2.10:81",
            "delete-service -t 192.0.2.10:80",
            "flush --yes",
            "timeouts",
            "info",
            "save",
            "restore",
        ] {
            let words = command.split(' ');
            let bare = ["--bounding-set=-all", "--inh-caps=-all", "ipvs-rs"];
            let line: Vec<_> = bare.into_iter().chain(words).collect();
            let denied = Output {
                stdout: String::new(),
                stderr: "error: managing IPVS needs CAP_NET_ADMIN (in the initial user \
                         namespace)\n"
                    .to_owned(),
                status: Some(1),
            };
            let said = process::output_with_input("setpriv", &line, "# rules\n");
            assert_eq!(said, denied, "{command}");
        }
        assert_eq!(configured(), before);
        // These stand in files that everybody may read.
        for (command, begins) in [("list", "Service  "), ("connections", "Protocol  Client")] {
            let listed = process::run("setpriv", &["--bounding-set=-all", "ipvs-rs", command]);
            assert!(listed.starts_with(begins), "{listed}");
        }
    });
}
