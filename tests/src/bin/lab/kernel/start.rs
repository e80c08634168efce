//! Starts a guest and waits until it answers.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use super::cpus::Place;
use crate::interrupt::Owned;
use crate::session::{Console, Session};

/// Starts `guest` so that it dies with the lab. Its standard input is its end of the stream to the lab;
/// what it prints goes to the console.
pub(super) fn start(lab: &Path, guest: &Command, place: Place, limit: Duration) -> Result<Session> {
    let (ours, theirs) = UnixStream::pair()?;
    let (console, printed) = Console::new()?;
    let mut tied = Command::new(lab);
    tied.args(["inside", "tied"]);
    if let Place::On(cpu) = place {
        tied.arg(format!("--on-cpu={cpu}"));
    }
    tied.arg(guest.get_program()).args(guest.get_args());
    for (key, value) in guest.get_envs() {
        match value {
            Some(value) => tied.env(key, value),
            None => tied.env_remove(key),
        };
    }
    // Only the lab handles Ctrl-C: it shuts the guest down.
    let child = tied
        .process_group(0)
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(printed.try_clone()?)
        .stderr(printed)
        .spawn()
        .with_context(|| format!("cannot start {}", lab.display()))?;
    // The command holds copies of the guest's ends of the streams, which would hide its death.
    drop(tied);
    Session::open(Owned::keeper(child), ours, console, limit)
}
