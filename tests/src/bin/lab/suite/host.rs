//! Host tests: everything that needs no kernel of the lab's.

use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::collect::Collect;
use super::libtest;
use super::programs::{Program, time_limit};
use super::report::Report;
use crate::interrupt::Owned;
use crate::session::Exit;

/// Runs each program that has a matching test.
pub(super) fn run(programs: &[Program], filter: Option<&str>, report: &mut Report) -> Result<()> {
    for program in programs {
        let filter = program.narrow(filter);
        let expected = program.tests(filter, false)?.len();
        let ignored = program.tests(filter, true)?.len();
        // Ignored kernel tests are not skipped: they run in the lab.
        let elsewhere = if program.has_kernel_tests() {
            ignored
        } else {
            0
        };
        if expected == elsewhere {
            continue;
        }
        let began = Instant::now();
        let mut collect = Collect::new(program);
        let mut command = Command::new(&program.path);
        command.args(filter).current_dir(&program.folder);
        command.env("CARGO_MANIFEST_DIR", &program.folder);
        let end = run_one(&mut command, time_limit(expected), |bytes| {
            collect.take(bytes);
        })
        .with_context(|| format!("cannot run {program}"))?;
        let mut results = libtest::read(&collect.output, &Ok(end), expected);
        results.ignored = results.ignored.saturating_sub(elsewhere);
        drop(collect);
        report.add("host", &program.to_string(), began.elapsed(), results);
    }
    Ok(())
}

/// Runs a command to its end or to its time limit.
pub(super) fn run_one(
    command: &mut Command,
    limit: Duration,
    mut take: impl FnMut(&[u8]),
) -> io::Result<Exit> {
    let (mut ours, theirs) = UnixStream::pair()?;
    let theirs = OwnedFd::from(theirs);
    command
        .stdin(std::process::Stdio::null())
        .stdout(theirs.try_clone()?)
        .stderr(theirs);
    let child = command.process_group(0).spawn()?;
    // The command holds the other ends: the output would have no end.
    command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let child = Owned::group(child);
    let deadline = Instant::now() + limit;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Exit::TimedOut);
        }
        ours.set_read_timeout(Some(left))?;
        match ours.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => take(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    let status = child.wait()?;
    Ok(match status.code() {
        Some(code) => Exit::Status(code),
        None => Exit::Signal(status.signal().unwrap_or_default()),
    })
}
