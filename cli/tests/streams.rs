//! What becomes of a run whose output nobody takes: the exit status stays that of its work.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

/// An end of a pipe whose reader has gone.
fn gone() -> Stdio {
    let (ours, theirs) = UnixStream::pair().unwrap();
    drop(ours);
    OwnedFd::from(theirs).into()
}

/// A device without room.
fn full() -> Stdio {
    File::options()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

/// The exit status; none if a signal ended the program.
fn status(arguments: &str, stdout: Stdio, stderr: Stdio) -> Option<i32> {
    let mut ipvs_rs = Command::new(env!("CARGO_BIN_EXE_ipvs-rs"));
    ipvs_rs.args(arguments.split_whitespace());
    let ipvs_rs = ipvs_rs.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
    ipvs_rs.status().unwrap().code()
}

/// Each way to fail, with its exit status.
const FAILING: [(&str, i32); 6] = [
    ("", 2),
    ("director", 2),
    ("lst", 2),
    ("add-service -t 10.1:80", 2),
    ("list --netns no-namespace-has-this-name", 1),
    ("restore --netns no-namespace-has-this-name", 1),
];

#[test]
fn a_failure_keeps_its_status_where_standard_error_takes_nothing() {
    for (arguments, expected) in FAILING {
        for (name, nowhere) in [("full", full as fn() -> Stdio), ("gone", gone)] {
            let only_stderr = status(arguments, Stdio::null(), nowhere());
            assert_eq!(only_stderr, Some(expected), "{arguments}, {name}");
            let both = status(arguments, nowhere(), nowhere());
            assert_eq!(both, Some(expected), "{arguments}, both {name}");
        }
    }
}

#[test]
fn what_nobody_reads_to_its_end_is_no_failure_and_what_finds_no_room_is_one() {
    for arguments in ["--help", "--version", "list --help", "completions bash"] {
        assert_eq!(
            status(arguments, gone(), Stdio::null()),
            Some(0),
            "{arguments}"
        );
        assert_eq!(
            status(arguments, full(), Stdio::null()),
            Some(1),
            "{arguments}"
        );
        assert_eq!(status(arguments, full(), full()), Some(1), "{arguments}");
    }
}

/// No host has this address, so that the doctor finds it missing.
const FINDS: &str = "doctor --real-server --vip 192.0.2.1";

#[test]
fn findings_stay_findings_where_nobody_reads_them() {
    assert_eq!(status(FINDS, Stdio::null(), Stdio::null()), Some(3));
    assert_eq!(status(FINDS, gone(), Stdio::null()), Some(3));
    let as_json = format!("{FINDS} --output json");
    assert_eq!(status(&as_json, gone(), gone()), Some(3));
    assert_eq!(status(FINDS, full(), Stdio::null()), Some(1));
}
