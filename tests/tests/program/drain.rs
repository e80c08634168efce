//! The program takes destinations out of service, with real connections on them.

use std::io::{BufRead, BufReader, Lines};
use std::net::UdpSocket;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::sleep;

use crate::common::program::{done, refused, typed};
use crate::common::traffic::{echo_at, own, talk_to};
use crate::common::{lines, saved, seconds};
use ipvs_lab::process::Output;
use ipvs_lab::{in_namespace, process};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

const DRAIN: &str = "drain-destination -t 192.0.2.10:80 -r 198.51.100.7:8080";

/// TCP 192.0.2.10:80 with these options and one server that answers.
fn site(options: &str) {
    own(&["192.0.2.10/32", "198.51.100.7/32"]);
    echo_at("198.51.100.7:8080");
    done(&format!("add-service -t 192.0.2.10:80 -s rr {options}"));
    done("add-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -m -w 3");
}

/// The site as it is while and after its server is drained.
fn drained() -> String {
    lines([
        "-A -t 192.0.2.10:80 -s rr",
        "-a -t 192.0.2.10:80 -r 198.51.100.7:8080 -m -w 0",
    ])
}

/// A draining that goes on beside the test, with what it says.
struct Begun {
    program: Child,
    said: Lines<BufReader<ChildStderr>>,
}

impl Begun {
    fn new(line: &str) -> Self {
        let mut program = Command::new("ipvs-rs")
            .args(line.split(' '))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(program.stderr.take().unwrap()).lines();
        Self { program, said }
    }

    fn hear(&mut self) -> String {
        self.said.next().unwrap().unwrap()
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_without_connections_is_drained_at_once() {
    in_namespace(|| {
        site("");
        let at_once = Output {
            stdout: String::new(),
            stderr: "connections left: 0 active, 0 inactive\n".to_owned(),
            status: Some(0),
        };
        assert_eq!(typed(DRAIN, ""), at_once);
        assert_eq!(saved(), drained());
        assert_eq!(typed(&format!("{DRAIN} --delete"), ""), at_once);
        assert_eq!(saved(), "-A -t 192.0.2.10:80 -s rr");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn it_waits_for_the_last_connection_and_tells_of_changes_alone() {
    in_namespace(|| {
        site("");
        let talking = ["192.0.2.10:80"; 2].map(talk_to);
        let mut draining = Begun::new(&format!("{DRAIN} --timeout 1m --delete"));
        let begun = draining.hear();
        assert_eq!(begun, "connections left: 2 active, 0 inactive");
        assert_eq!(saved(), drained());
        // Time for several looks at the same.
        sleep(seconds(3));
        assert_eq!(draining.program.try_wait().unwrap(), None);
        drop(talking);
        let rest: Vec<_> = draining.said.map(Result::unwrap).collect();
        let is_repeated = |pair: &[String]| pair.first() == pair.last();
        assert!(!rest.windows(2).any(is_repeated), "{rest:?}");
        assert_eq!(
            rest.last().unwrap(),
            "connections left: 0 active, 2 inactive"
        );
        assert_ne!(rest.first(), Some(&begun));
        assert!(draining.program.wait().unwrap().success());
        assert_eq!(saved(), "-A -t 192.0.2.10:80 -s rr");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn udp_flows_are_waited_for_until_they_are_forgotten() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32"]);
        done("timeouts --udp 2");
        done("add-service -u 192.0.2.10:53 -s rr");
        done("add-destination -u 192.0.2.10:53 -r 198.51.100.7 -m");
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        socket.send_to(b"hello", "192.0.2.10:53").unwrap();
        let said = typed(
            "drain-destination -u 192.0.2.10:53 -r 198.51.100.7 --timeout 1m",
            "",
        );
        let expected = "\
connections left: 0 active, 1 inactive
connections left: 0 active, 0 inactive
";
        assert_eq!((said.status, said.stderr.as_str()), (Some(0), expected));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn when_time_is_over_it_says_what_is_left_and_deletes_nothing() {
    in_namespace(|| {
        site("");
        let _talking = talk_to("192.0.2.10:80");
        let over = Output {
            stdout: String::new(),
            stderr: "connections left: 1 active, 0 inactive\n\
                     error: timed out after 1s; connections left: 1 active, 0 inactive. \
                     198.51.100.7:8080 stays at weight 0; to undo this: `ipvs-rs edit-destination \
                     -t 192.0.2.10:80 -r 198.51.100.7:8080 -w 3`\n"
                .to_owned(),
            status: Some(1),
        };
        assert_eq!(typed(&format!("{DRAIN} --timeout 1 --delete"), ""), over);
        assert_eq!(saved(), drained());
    });
}

/// What it prints as JSON, with its exit status.
#[track_caller]
fn printed(line: &str) -> (Option<i32>, Value) {
    let output = typed(&format!("{line} --output json"), "");
    (output.status, serde_json::from_str(&output.stdout).unwrap())
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn json_is_one_object_when_it_has_ended() {
    in_namespace(|| {
        site("");
        let talking = talk_to("192.0.2.10:80");
        let object = |drained, deleted, active, inactive| {
            json!({
                "drained": drained,
                "deleted": deleted,
                "active_connections": active,
                "inactive_connections": inactive,
                "persistent_connections": 0,
                "held_by_persistence": false,
            })
        };
        let over = printed(&format!("{DRAIN} --timeout 0 --delete"));
        assert_eq!(over, (Some(1), object(false, false, 1, 0)));
        drop(talking);
        let drained = printed(&format!("{DRAIN} --timeout 1m"));
        assert_eq!(drained, (Some(0), object(true, false, 0, 1)));
        let deleted = printed(&format!("{DRAIN} --delete"));
        assert_eq!(deleted, (Some(0), object(true, true, 0, 1)));
        assert_eq!(saved(), "-A -t 192.0.2.10:80 -s rr");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn who_holds_it_is_said_once_and_what_is_said_to_help_helps() {
    in_namespace(|| {
        site("-p 5m");
        drop(talk_to("192.0.2.10:80"));
        let held = typed(&format!("{DRAIN} --timeout 3"), "");
        assert_eq!(held.status, Some(1), "{}", held.stderr);
        let warnings = held.stderr.matches("warning: ").count();
        assert_eq!(warnings, 1, "{}", held.stderr);
        assert!(
            held.stderr.ends_with(
                "error: timed out after 3s; connections left: 0 active, 1 inactive; persistent \
                 clients: 1. 198.51.100.7:8080 stays at weight 0; to undo this: `ipvs-rs \
                 edit-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -w 3`\n"
            ),
            "{}",
            held.stderr
        );

        let remedy = held.stderr.split('`').nth(1).unwrap();
        process::run("sh", &["-c", remedy]);
        let said = typed(DRAIN, "");
        let expected = "connections left: 0 active, 1 inactive; persistent clients: 1\n";
        assert_eq!((said.status, said.stderr.as_str()), (Some(0), expected));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn on_a_terminal_there_is_one_line() {
    in_namespace(|| {
        site("-p 5m");
        let _talking = talk_to("192.0.2.10:80");
        let command = format!("ipvs-rs {DRAIN} --timeout 2");
        let on_terminal = process::output("script", &["-qec", &command, "/dev/null"]);
        assert_eq!(on_terminal.status, Some(1), "{}", on_terminal.stdout);
        let left = "connections left: 1 active, 0 inactive; persistent clients: 1";
        let [warning, line, error] = on_terminal.stdout.lines().collect::<Vec<_>>()[..] else {
            panic!("{:?}", on_terminal.stdout);
        };
        assert!(warning.starts_with("\rwarning: "), "{warning:?}");
        assert_eq!(line.trim_end_matches('\r'), format!("\r{left}\x1b[K"));
        assert!(
            error.starts_with("error: timed out after 2s; "),
            "{error:?} below the line"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn after_ctrl_c_the_weight_stays_0() {
    in_namespace(|| {
        site("");
        let _talking = talk_to("192.0.2.10:80");
        let mut draining = Begun::new(DRAIN);
        draining.hear();
        let pid = Pid::from_raw(draining.program.id().try_into().unwrap());
        kill(pid, Signal::SIGINT).unwrap();
        let status = draining.program.wait().unwrap();
        assert_eq!(status.signal(), Some(Signal::SIGINT as i32));
        assert_eq!(saved(), drained());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_does_not_exist_cannot_be_drained() {
    in_namespace(|| {
        site("");
        refused(
            "drain-destination -t 192.0.2.10:80 -r 198.51.100.7",
            "no such destination: 198.51.100.7:80 of service tcp:192.0.2.10:80",
        );
        refused(
            "drain-destination -t 192.0.2.10:81 -r 198.51.100.7 --output json",
            "no such service: tcp:192.0.2.10:81",
        );
    });
}
