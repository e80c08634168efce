//! Whole processes: what a script or an operator waits for.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program takes from being started to its end, its input being this file.
pub(crate) fn time(program: &str, arguments: &[&str], input: Option<&File>) -> Duration {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null());
    if let Some(input) = input {
        command.stdin(reopened(input));
    } else {
        command.stdin(Stdio::null());
    }
    let started = Instant::now();
    let status = command.status().unwrap();
    let took = started.elapsed();
    assert!(status.success(), "{program} {arguments:?}: {status}");
    took
}

/// From its beginning.
fn reopened(file: &File) -> File {
    use std::os::fd::AsRawFd as _;
    File::open(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap()
}
