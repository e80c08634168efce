//! The program takes destinations out of service, with real connections on them.

use std::io::{BufRead, BufReader, Lines};
use std::net::{Shutdown, UdpSocket};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::sleep;

use crate::common::program::{done, json, refused, shown, typed};
use crate::common::traffic::{echo_at, own, talk_to};
use crate::common::{lines, saved, seconds};
use ipvs_lab::netns::Netns;
use ipvs_lab::process::Output;
use ipvs_lab::{in_namespace, process};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

const DRAIN: &str = "drain-destination -t 192.0.2.10:80 -r 198.51.100.7:8080";

/// What it says when all is done.
const DRAINED: &str = "drained 198.51.100.7:8080 of service tcp:192.0.2.10:80";

/// How to go on and back after an end before its time.
const CONTINUE: &str = "198.51.100.7:8080 of service tcp:192.0.2.10:80 stays at weight 0
    to go on: ipvs-rs drain-destination -t 192.0.2.10:80 -r 198.51.100.7:8080
    to go back: ipvs-rs edit-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -w 3
";

/// TCP 192.0.2.10:80 with these options, a server that answers, and one that takes over.
fn site(options: &str) {
    own(&["192.0.2.10/32", "198.51.100.7/32"]);
    echo_at("198.51.100.7:8080");
    done(&format!("add-service -t 192.0.2.10:80 -s fo {options}"));
    done("add-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -m -w 3");
    done("add-destination -t 192.0.2.10:80 -r 198.51.100.8:8080 -m -w 1");
}

/// The site as it is while and after its server is drained.
fn drained() -> String {
    lines([
        "-A -t 192.0.2.10:80 -s fo",
        "-a -t 192.0.2.10:80 -r 198.51.100.7:8080 -m -w 0",
        "-a -t 192.0.2.10:80 -r 198.51.100.8:8080 -m -w 1",
    ])
}

/// The site without its server.
fn deleted() -> String {
    lines([
        "-A -t 192.0.2.10:80 -s fo",
        "-a -t 192.0.2.10:80 -r 198.51.100.8:8080 -m -w 1",
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
        let at_once = |end: &str| Output {
            stdout: format!("{DRAINED}{end}\n"),
            stderr: "connections left: 0 active, 0 inactive\n".to_owned(),
            status: Some(0),
        };
        assert_eq!(typed(DRAIN, ""), at_once("; its weight is 0, it was 3"));
        assert_eq!(saved(), drained());
        assert_eq!(
            typed(&format!("{DRAIN} --delete"), ""),
            at_once(", deleted")
        );
        assert_eq!(saved(), deleted());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn it_waits_for_the_last_connection_and_tells_of_changes_alone() {
    in_namespace(|| {
        site("");
        let talking = ["192.0.2.10:80"; 2].map(talk_to);
        let mut draining = Begun::new(&format!("{DRAIN} --until none-active --delete"));
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
        assert_eq!(saved(), deleted());
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
            "drain-destination -u 192.0.2.10:53 -r 198.51.100.7 --timeout 1m --yes",
            "",
        );
        let expected = "\
warning: service udp:192.0.2.10:53 then refuses all new clients: all its destinations have weight 0
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
            stderr: format!(
                "connections left: 1 active, 0 inactive\nerror: timed out after 1s; connections left: \
                 1 active, 0 inactive. {}",
                CONTINUE.replacen("8080\n    to go back", "8080 --delete\n    to go back", 1)
            ),
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
        let object = |drained, deleted, active, inactive, weight| {
            serde_json::json!({
                "drained": drained,
                "deleted": deleted,
                "active_connections": active,
                "inactive_connections": inactive,
                "persistent_connections": 0,
                "held_by_persistence": false,
                "destinations": [{
                    "service": "tcp:192.0.2.10:80",
                    "destination": "198.51.100.7:8080",
                    "previous_weight": weight,
                }],
            })
        };
        let over = printed(&format!("{DRAIN} --timeout 0 --delete"));
        assert_eq!(over, (Some(1), object(false, false, 1, 0, 3)));
        drop(talking);
        let drained = printed(&format!("{DRAIN} --until none-active"));
        assert_eq!(drained, (Some(0), object(true, false, 0, 1, 0)));
        let over = printed(&format!("{DRAIN} --until none-active --delete"));
        assert_eq!(over, (Some(0), object(true, true, 0, 1, 0)));
        assert_eq!(saved(), deleted());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn who_holds_it_is_said_once_and_what_is_said_to_help_helps() {
    in_namespace(|| {
        site("-p 5m");
        drop(talk_to("192.0.2.10:80"));
        let held = typed(&format!("{DRAIN} --until none-active --timeout 3"), "");
        assert_eq!(held.status, Some(1), "{}", held.stderr);
        let warnings = held.stderr.matches("warning: ").count();
        assert_eq!(warnings, 1, "{}", held.stderr);
        let left = "connections left: 0 active, 1 inactive; persistent clients: 1";
        let how = CONTINUE.replacen(
            "8080\n    to go back",
            "8080 --until none-active\n    to go back",
            1,
        );
        let end = format!("error: timed out after 3s; {left}. {how}");
        assert!(held.stderr.ends_with(&end), "{}", held.stderr);

        let remedy = held.stderr.split('`').nth(1).unwrap();
        process::run("sh", &["-c", remedy]);
        let said = typed(&format!("{DRAIN} --until none-active"), "");
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
        let [warning, line, error, _, _] = on_terminal.stdout.lines().collect::<Vec<_>>()[..]
        else {
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
        let said: Vec<_> = draining.said.map(Result::unwrap).collect();
        let left = "connections left: 1 active, 0 inactive";
        let expected = format!("interrupted; {left}. {CONTINUE}");
        assert_eq!(format!("{}\n", said.join("\n")), expected);
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

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_connection_that_one_side_has_closed_is_not_taken_for_one_that_has_ended() {
    in_namespace(|| {
        site("");
        let downloading = talk_to("192.0.2.10:80");
        downloading.shutdown(Shutdown::Write).unwrap();
        let left = "connections left: 0 active, 1 inactive";
        let waiting = typed(&format!("{DRAIN} --timeout 2 --delete"), "");
        assert_eq!(waiting.status, Some(1), "{}", waiting.stderr);
        assert!(
            waiting
                .stderr
                .contains(&format!("timed out after 2s; {left}"))
        );
        assert_eq!(saved(), drained());
        let over = typed(&format!("{DRAIN} --until none-active"), "");
        let end = "inactive connections left: 1; deleting the destination would cut them\n";
        assert_eq!(
            over.stdout,
            format!("{DRAINED}; its weight is 0, it was 0\n{end}")
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_last_server_is_not_drained_without_a_word() {
    in_namespace(|| {
        site("");
        done("delete-destination -t 192.0.2.10:80 -r 198.51.100.8:8080");
        refused(
            DRAIN,
            "service tcp:192.0.2.10:80 then refuses all new clients: all its destinations have weight \
             0; to do it nevertheless: --yes",
        );
        let forced = typed(&format!("{DRAIN} --yes"), "");
        assert_eq!(forced.status, Some(0), "{}", forced.stderr);
        assert!(
            forced
                .stderr
                .starts_with("warning: service tcp:192.0.2.10:80 then refuses")
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_server_with_two_ports_is_not_the_last_one_without_a_word() {
    in_namespace(|| {
        done("add-service -t 192.0.2.10:80 -s rr");
        for server in ["198.51.100.7:8080", "198.51.100.7:8081"] {
            done(&format!("add-destination -t 192.0.2.10:80 -r {server} -m"));
        }
        refused(
            "drain-destination -r 198.51.100.7",
            "service tcp:192.0.2.10:80 then refuses all new clients: all its destinations have weight \
             0; to do it nevertheless: --yes",
        );
        refused(
            "delete-destination -r 198.51.100.7",
            "service tcp:192.0.2.10:80 then refuses all new clients: it has no destination; to do it \
             nevertheless: --yes",
        );
        let changed = typed("edit-destination -r 198.51.100.7 -w 0", "");
        assert_eq!(
            changed.stderr.matches("warning: ").count(),
            1,
            "{}",
            changed.stderr
        );
    });
}

/// With the command that saves the share.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_share_that_a_hashing_scheduler_refuses_is_told_before_it_is_refused() {
    in_namespace(|| {
        for line in [
            "drain-destination -t 192.0.2.10:80 -r 198.51.100.7:8080",
            "edit-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -w 0",
        ] {
            done("add-service -t 192.0.2.10:80 -s mh -b mh-port");
            for server in ["198.51.100.7:8080", "198.51.100.8:8080"] {
                done(&format!("add-destination -t 192.0.2.10:80 -r {server} -m"));
            }
            let told = typed(line, "");
            assert_eq!(told.status, Some(0), "{}", told.stderr);
            let warning = told.stderr.lines().next().unwrap();
            assert!(
                warning.starts_with("warning: the scheduler mh of service tcp:192.0.2.10:80"),
                "{warning}"
            );
            let remedy = warning.split('`').nth(1).unwrap();
            process::run("sh", &["-c", remedy]);
            done("edit-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -w 1");
            let told = typed(
                "edit-destination -t 192.0.2.10:80 -r 198.51.100.7:8080 -w 0",
                "",
            );
            assert_eq!((told.status, told.stderr.as_str()), (Some(0), ""));
            assert!(saved().contains("mh-fallback,mh-port"), "{}", saved());
            done("delete-service -t 192.0.2.10:80");
        }
    });
}

/// The command is typed where the drain was: outside of the namespace.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_command_that_a_drain_prints_for_a_namespace_works_outside_of_it() {
    let director = Netns::new("director");
    director.enter(|| {
        done("add-service -t 192.0.2.10:80 -s mh");
        done("add-destination -t 192.0.2.10:80 -r 198.51.100.7 -m");
        done("add-destination -t 192.0.2.10:80 -r 198.51.100.8 -m");
    });
    in_namespace(|| {
        let drain = "drain-destination -t 192.0.2.10:80 -r 198.51.100.7 --netns director";
        let told = typed(drain, "").stderr;
        let remedy = told.split('`').nth(1).unwrap();
        assert!(remedy.ends_with(" --netns director"), "{told}");
        process::run("sh", &["-c", remedy]);
        assert_eq!(saved(), "");
    });
    assert!(director.enter(saved).contains("-b mh-fallback"));
}

/// Three services; two have the server, at different ports.
fn services_of_one_server() {
    for service in ["192.0.2.10:80", "192.0.2.10:443", "192.0.2.11:80"] {
        done(&format!("add-service -t {service} -s rr"));
    }
    for (service, server) in [
        ("192.0.2.10:80", "198.51.100.7:8080"),
        ("192.0.2.10:443", "198.51.100.7:8443"),
        ("192.0.2.10:80", "198.51.100.8:8080"),
        ("192.0.2.10:443", "198.51.100.8:8443"),
        ("192.0.2.11:80", "198.51.100.8:8080"),
    ] {
        done(&format!("add-destination -t {service} -r {server} -m"));
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_server_is_drained_changed_and_deleted_in_every_service_that_has_it() {
    in_namespace(|| {
        services_of_one_server();
        let both = |done: &str, end: &str| {
            format!(
                "{done} 198.51.100.7:8080 of service tcp:192.0.2.10:80{end}\n\
                 {done} 198.51.100.7:8443 of service tcp:192.0.2.10:443{end}\n"
            )
        };
        assert_eq!(
            shown("edit-destination -r 198.51.100.7 -w 5"),
            both("changed", "")
        );
        let drained = typed("drain-destination -r 198.51.100.7", "");
        assert_eq!(
            drained.stdout,
            both("drained", "; its weight is 0, it was 5")
        );
        let weights = saved().matches("-r 198.51.100.7:").count();
        assert_eq!((weights, saved().matches("-w 0").count()), (2, 2));
        assert_eq!(
            shown("edit-destination -r 198.51.100.7:8443 -w 3"),
            "changed 198.51.100.7:8443 of service tcp:192.0.2.10:443\n"
        );
        assert_eq!(
            shown("delete-destination -r 198.51.100.7"),
            both("deleted", "")
        );
        assert!(!saved().contains("198.51.100.7"));
        refused(
            "drain-destination -r 198.51.100.7",
            "no service has the real server 198.51.100.7",
        );
        refused(
            "delete-destination -r 198.51.100.8",
            "service tcp:192.0.2.10:80 then refuses all new clients: it has no destination; to do it \
             nevertheless: --yes",
        );
        shown("delete-destination -r 198.51.100.8 --yes");
        assert!(!saved().contains("-r "));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_list_by_server_or_by_address_has_every_service_and_no_other() {
    in_namespace(|| {
        services_of_one_server();
        let services = |line: &str| -> Vec<String> {
            let list = json(line);
            let services = list["services"].as_array().unwrap().iter();
            let named = services.map(|it| {
                let servers = it["destinations"].as_array().unwrap().len();
                format!(
                    "{}:{} {servers}",
                    it["address"].as_str().unwrap(),
                    it["port"]
                )
            });
            named.collect()
        };
        assert_eq!(
            services("list -r 198.51.100.7"),
            ["192.0.2.10:80 1", "192.0.2.10:443 1"]
        );
        assert_eq!(services("list -r 198.51.100.7:8443"), ["192.0.2.10:443 1"]);
        assert_eq!(
            services("list -t 192.0.2.10"),
            ["192.0.2.10:80 2", "192.0.2.10:443 2"]
        );
        assert_eq!(
            services("list -t 192.0.2.11 -r 198.51.100.8"),
            ["192.0.2.11:80 1"]
        );
        assert!(!shown("list -r 198.51.100.7").contains("198.51.100.8"));
        refused("list -t 192.0.2.12", "no such service: tcp:192.0.2.12:0");
        refused(
            "list -r 198.51.100.9",
            "no service has the real server 198.51.100.9",
        );
        refused(
            "list -t 192.0.2.11 -r 198.51.100.7",
            "service tcp:192.0.2.11:0 has no real server 198.51.100.7",
        );
    });
}
