//! Missing and wrong arguments of every command: a usage error (exit status 2) or a refusal (1), one
//! line that says so, and a table that is as it was.

use std::fs;

use ipvs_lab::in_namespace;

use crate::common::program::{configured, done, typed};

/// Services that are there, with a destination each.
const PRESENT: [(&str, &str); 7] = [
    ("-t 192.0.2.10:80", "198.51.100.7:80"),
    ("-t [2001:db8::10]:80", "[2001:db8:1::7]:80"),
    ("-u 192.0.2.10:53", "198.51.100.7:53"),
    ("-u [2001:db8::10]:53", "[2001:db8:1::7]:53"),
    ("--sctp 192.0.2.10:80", "198.51.100.7:80"),
    ("-f 7", "198.51.100.7"),
    ("-f 7 -6", "2001:db8:1::7"),
];

/// Services that are not there.
const MISSING: [&str; 5] = [
    "-t 192.0.2.10:81",
    "-t [2001:db8::10]:81",
    "-u 192.0.2.10:80",
    "--sctp [2001:db8::10]:80",
    "-f 8 -6",
];

/// Names that name no service.
const NO_NAMES: [&str; 14] = [
    "",
    "192.0.2.10",
    "192.0.2.10:80",
    "-s rr",
    "-t",
    "-f",
    "-t 192.0.2:80",
    "-t 192.0.2.10:65536",
    "-t [2001:db8::10:80",
    "-u web:80",
    "-f mark",
    "-f -1",
    "-t 192.0.2.10:80 -u 192.0.2.10:53",
    "-t 192.0.2.10:80 -6",
];

/// A few of them: all commands take names alike.
const SOME_NO_NAMES: [&str; 4] = ["", "192.0.2.10:80", "-t", "-f 7 -u 192.0.2.10:53"];

/// What is there and has to stay: the kernel's own list after each line, which takes no time, and
/// all of it at the end.
struct Site {
    before: String,
}

fn listed() -> String {
    fs::read_to_string("/proc/thread-self/net/ip_vs").unwrap()
}

/// Whatever is typed wrong, or refused, leaves this as it is.
fn with_the_site(test: impl FnOnce(&Site) + Send) {
    in_namespace(|| {
        for (service, server) in PRESENT {
            done(&format!("add-service {service}"));
            done(&format!("add-destination {service} -r {server} -m"));
        }
        let before = configured();
        test(&Site { before: listed() });
        assert_eq!(configured(), before);
    });
}

impl Site {
    #[track_caller]
    fn ends(&self, line: &str, status: i32) {
        let output = typed(line, "");
        assert_eq!(output.status, Some(status), "{line}: {}", output.stderr);
        assert_eq!(output.stdout, "", "{line}");
        let said = output.stderr.strip_prefix("error: ");
        let lines = said.map(|said| said.lines().count());
        assert_eq!(lines, Some(1), "{line}: {}", output.stderr);
        assert_eq!(listed(), self.before, "after {line}");
    }

    /// Each of these behind the command is wrong usage.
    #[track_caller]
    fn misused<'a>(&self, command: &str, arguments: impl IntoIterator<Item = &'a str>) {
        for arguments in arguments {
            self.ends(&format!("{command} {arguments}"), 2);
        }
    }

    /// Each of these behind the command is understood and not done.
    #[track_caller]
    fn refused<'a>(&self, command: &str, arguments: impl IntoIterator<Item = &'a str>) {
        for arguments in arguments {
            self.ends(&format!("{command} {arguments}"), 1);
        }
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn adding_a_service() {
    with_the_site(|site| {
        site.misused("add-service", NO_NAMES);
        site.misused(
            "add-service -t 192.0.2.11:80",
            [
                "rr",
                "-s",
                "-p soon",
                "-M",
                "-p 60 -M 129",
                "--pe",
                "-b",
                "-w 1",
                "--no-ops",
                "-s rr -s rr",
            ],
        );
        site.refused("add-service", PRESENT.map(|(service, _)| service));
        site.refused(
            "add-service",
            [
                "-t [2001:db8::11]:80 -o",
                "--sctp 192.0.2.11:80 -o",
                "-u 2001:db8::11",
                "-t 192.0.2.11:80 -s rrr",
                "-t 192.0.2.11:80 -p 32d",
                "-t 192.0.2.11:80 -M 255.255.255.0",
                "-t [2001:db8::11]:80 -p -M 255.255.255.0",
                "-t 192.0.2.11:80 -b sh-port",
            ],
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn editing_a_service() {
    with_the_site(|site| {
        site.misused("edit-service", SOME_NO_NAMES);
        site.misused(
            "edit-service -t 192.0.2.10:80",
            [
                "-s",
                "-p soon",
                "-p 60 --no-persistence",
                "--pe sip --no-pe",
                "-o --no-ops",
                "-w 1",
            ],
        );
        // Nothing to change.
        site.refused("edit-service", PRESENT.map(|(service, _)| service));
        site.refused("edit-service -s rr", MISSING);
        site.refused(
            "edit-service -t 192.0.2.10:80",
            [
                "-s rrr",
                "-o",
                "-p 0",
                "-M 255.255.255.0",
                "-p -M 64",
                "-b sh-port",
            ],
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn deleting_zeroing_and_listing_a_service() {
    with_the_site(|site| {
        site.misused("delete-service", SOME_NO_NAMES);
        site.misused(
            "delete-service -t 192.0.2.10:80",
            ["-s rr", "-r 198.51.100.7", "-p"],
        );
        site.refused("delete-service", MISSING);
        // No name at all is every service.
        site.misused("zero", SOME_NO_NAMES.into_iter().skip(1));
        site.misused("zero -t 192.0.2.10:80", ["-r 198.51.100.7", "-s rr"]);
        site.refused("zero", MISSING);
        site.misused("list", ["-t", "-t 192.0.2.10:80 -r", "-6"]);
        site.refused("list", MISSING);
    });
}

/// What no setting of a destination can be.
const NO_SETTINGS: [&str; 15] = [
    "-w",
    "-w test",
    "-w -1",
    "-w 2147483648",
    "-x",
    "-x test",
    "-y",
    "-y test",
    "-y -1",
    "-g -m",
    "-i --tunnel gre",
    "--tunnel",
    "--tunnel gue",
    "--tunnel ipip,csum",
    "-s rr",
];

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn adding_a_destination() {
    with_the_site(|site| {
        site.misused("add-destination", SOME_NO_NAMES);
        site.misused("add-destination -r 198.51.100.8", SOME_NO_NAMES);
        site.misused(
            "add-destination -t 192.0.2.10:80",
            ["", "-r", "-r web", "-r 198.51.100.8:http", "198.51.100.8"],
        );
        site.misused(
            "add-destination -t 192.0.2.10:80 -r 198.51.100.8",
            NO_SETTINGS,
        );
        for (service, server) in PRESENT {
            site.ends(&format!("add-destination {service} -r {server} -m"), 1);
        }
        site.refused("add-destination -r 198.51.100.8", MISSING);
        site.refused(
            "add-destination -t 192.0.2.10:80",
            [
                "-r 198.51.100.8:8080",
                "-r 198.51.100.8:8080 -i",
                "-r 2001:db8:1::8 -m",
                "-r 224.0.0.1",
                "-r 198.51.100.8 -y 1",
                "-r 198.51.100.8 -x 9 -y 10",
            ],
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn editing_and_deleting_a_destination() {
    with_the_site(|site| {
        for command in ["edit-destination -w 2", "delete-destination"] {
            site.misused(command, SOME_NO_NAMES);
            site.misused(&format!("{command} -t 192.0.2.10:80"), ["", "-r", "-r web"]);
            site.refused(&format!("{command} -r 198.51.100.7"), MISSING);
            site.refused(
                &format!("{command} -t 192.0.2.10:80"),
                ["-r 198.51.100.8", "-r 198.51.100.7:81", "-r 2001:db8:1::7"],
            );
        }
        let present = "-t 192.0.2.10:80 -r 198.51.100.7";
        site.misused(
            &format!("edit-destination {present}"),
            ["-w", "-w test", "-x test", "-g -m", "-s rr"],
        );
        site.misused(
            &format!("delete-destination {present}"),
            ["-w 1", "-m", "-x 1"],
        );
        site.refused("edit-destination", [present, "-f 7 -r 198.51.100.7"]);
        site.refused(
            &format!("edit-destination {present}"),
            ["-y 1", "-x 9 -y 10"],
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_names_no_service() {
    with_the_site(|site| {
        site.misused("", ["-A -t 192.0.2.11:80", "-C", "add", "--netns"]);
        site.misused("flush", ["", "-t 192.0.2.10:80", "--yes --yes"]);
        site.misused(
            "timeouts",
            [
                "60 60 60",
                "--tcp",
                "--tcp test",
                "--tcp 60 --udp test",
                "--tcp -1",
                "--tcp 60 --tcp 70",
            ],
        );
        site.refused(
            "timeouts",
            ["--tcp 60 --udp 0", "--tcp 60 --tcp-fin 25d", "--udp 1500ms"],
        );
        site.misused("save", ["--format", "--format yaml", "rules.toml"]);
        site.misused("restore", ["--format yaml", "--yes"]);
        site.misused(
            "connections",
            ["-t web", "--destination web", "-r 198.51.100.7"],
        );
    });
}
