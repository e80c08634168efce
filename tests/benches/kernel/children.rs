//! Whole processes: what a script or an operator waits for.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// How long a program takes from being started to its end.
pub(crate) fn time(program: &str, arguments: &[&str], input: Option<&String>) -> Duration {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null());
    command.stdin(input.map_or_else(Stdio::null, |input| file(input).into()));
    let started = Instant::now();
    let status = command.status().unwrap();
    let took = started.elapsed();
    assert!(status.success(), "{program} {arguments:?}: {status}");
    took
}

/// How much memory a program needs at most, in KiB: asked of a process that has no other child.
pub(crate) fn peak_memory(program: &str, arguments: &[&str], input: Option<&String>) -> f64 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["peak-memory", program]).args(arguments);
    command.stdin(input.map_or_else(Stdio::null, |input| file(input).into()));
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {output:?}"
    );
    let said = String::from_utf8(output.stdout).unwrap();
    said.trim().parse().unwrap()
}

/// Runs a program, and says how much memory it needed, in KiB.
pub(crate) fn run_for_memory(command: &[String]) {
    let mut child = Command::new(&command[0]);
    let status = child.args(&command[1..]).stdout(Stdio::null()).status();
    assert!(status.unwrap().success());
    println!(
        "{}",
        getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss()
    );
}

/// A file with this text, in memory.
fn file(text: &str) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.rewind().unwrap();
    file
}
