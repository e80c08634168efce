//! The program is killed wherever it changes something, and the next one ends in the right state.

mod points;

use std::{fs, process::Command};

use ipvs_lab::process::{self, Output};
use tempfile::NamedTempFile;

use crate::machine::{Machine, differences, load_modules};
use points::Point;

/// Where the program keeps its journals.
const JOURNALS: &str = "/run/ipvs-rs";

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_behind_a_tunnel_may_be_killed_anywhere() {
    load_modules(&["ipip", "fou"]);
    let machine = Machine::new();
    // Where all have it, all others have to get it for themselves.
    set(&machine, "ipv4/conf/all/rp_filter", "1");
    let options = "--vip 10.10.10.100 --device eth0 --forward gue,port=6080";
    // There are many points, and most are alike.
    Killed::new(machine, "real-server", options).everywhere(Next::Alternately);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_with_a_device_for_its_vip_may_be_killed_anywhere() {
    load_modules(&["dummy"]);
    let machine = Machine::new();
    // The kernel changes this one when ip_forward is written.
    set(&machine, "ipv4/conf/all/accept_redirects", "0");
    // Else the device gets an address of its own, another one each time.
    set(&machine, "ipv6/conf/default/addr_gen_mode", "1");
    let options = "--vip 10.10.10.100 --device eth0 --place dummy:ipvs0 --forward masquerade \
                   --unannounced";
    Killed::new(machine, "director", options).everywhere(Next::Each);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_of_ipv6_may_be_killed_anywhere() {
    // IPv6 may be a module that nobody has needed yet.
    let _ = Command::new("modprobe").args(["--quiet", "ipv6"]).status();
    let options = "--vip fd10::100 --device eth0 --forward masquerade --unannounced";
    Killed::new(Machine::new(), "director", options).everywhere(Next::Alternately);
}

fn set(machine: &Machine, key: &str, value: &str) {
    let file = format!("/proc/sys/net/{key}");
    machine.netns.enter(|| fs::write(file, value).unwrap());
}

/// How to go on from a point: with `up` and `down`, or with `down` alone.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Each,
    Alternately,
}

/// A set-up by the program, and what the host looks like without it and with it.
struct Killed {
    machine: Machine,
    role: &'static str,
    options: &'static str,
    without: Vec<String>,
    with: Vec<String>,
}

impl Killed {
    fn new(machine: Machine, role: &'static str, options: &'static str) -> Self {
        let mut killed = Self {
            without: machine.dump(),
            with: Vec::new(),
            machine,
            role,
            options,
        };
        killed.done("up");
        killed.with = comparable(killed.machine.dump());
        killed.done("down");
        killed.assert_undone("undisturbed");
        killed
    }

    /// Between two points nothing changes but the draft of a journal, which nobody reads: there are
    /// no other states in which the program can leave a host.
    fn everywhere(&self, next: Next) {
        for (verb, points) in [("up", self.points("up")), ("down", self.points("down"))] {
            assert!(points.len() > 3, "{verb}: {points:?}");
            for (number, point) in points.iter().enumerate() {
                // In pairs: mostly, every other point is the journal's.
                let turn = number % 4 < 2;
                if next == Next::Each || turn {
                    self.at(verb, point, &["up", "down"]);
                }
                if next == Next::Each || !turn {
                    self.at(verb, point, &["down"]);
                }
            }
        }
    }

    /// Where the verb changes something.
    fn points(&self, verb: &str) -> Vec<Point> {
        if verb == "down" {
            self.done("up");
        }
        let (output, log) = self.traced(verb, &["-f", "-e", points::SHOWN]);
        output.success();
        if verb == "up" {
            self.done("down");
        }
        points::in_log(&log)
    }

    /// Kills the verb at a point, and sees how others go on from there.
    fn at(&self, verb: &str, point: &Point, next: &[&str]) {
        let case = format!("{verb} killed at {point}, then {}", next.join(" and "));
        if verb == "down" {
            self.done("up");
        }
        // It is the first thread that is watched; all die.
        let (output, log) = self.traced(verb, &["-e", &point.shown(), "-e", &point.kill()]);
        assert_eq!(output.status, None, "not {case}: {output:?} {log}");
        for verb in next {
            self.done(verb);
            if *verb == "up" {
                let now = comparable(self.machine.dump());
                assert_eq!(differences(&self.with, &now), None, "{case}");
            }
        }
        self.assert_undone(&case);
    }

    fn assert_undone(&self, case: &str) {
        let now = self.machine.dump();
        assert_eq!(differences(&self.without, &now), None, "{case}");
        let left = self.files();
        assert!(left.is_empty(), "{case}: there is still {left:?}");
    }

    /// The files about this host: others may have left theirs.
    fn files(&self) -> Vec<String> {
        let id = lbnet::Netns::at(self.machine.netns.path()).unwrap().id();
        let stem = format!("netns-{}-{}.", id.device, id.inode);
        let names = fs::read_dir(JOURNALS).into_iter().flatten();
        let names = names.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(&stem)).collect()
    }

    fn done(&self, verb: &str) {
        self.run("ipvs-rs", &[&[], self.line(verb).as_slice()].concat())
            .success();
    }

    /// What strace did to the program and what it wrote.
    fn traced(&self, verb: &str, how: &[&str]) -> (Output, String) {
        let log = NamedTempFile::new().unwrap();
        let strace = ["-o", log.path().to_str().unwrap()];
        let program = [&["ipvs-rs"], self.line(verb).as_slice()].concat();
        let output = self.run("strace", &[&strace, how, &program].concat());
        (output, fs::read_to_string(log.path()).unwrap())
    }

    fn line<'a>(&self, verb: &'a str) -> Vec<&'a str> {
        let options = self.options.split_whitespace();
        [self.role, verb].into_iter().chain(options).collect()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let run = || process::output(program, arguments);
        self.machine.netns.enter(run)
    }
}

/// Without what is another each time a device is made: its number and, if nobody chose it, its
/// hardware address.
fn comparable(dump: Vec<String>) -> Vec<String> {
    let without_number = |line: String| match line.split_once(": ") {
        Some((number, rest)) if number.parse::<u32>().is_ok() => rest.to_owned(),
        _ => line,
    };
    let lines = dump.into_iter().map(without_number);
    lines
        .filter(|line| !line.trim_start().starts_with("link/ether"))
        .collect()
}
