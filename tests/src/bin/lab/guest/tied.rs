//! Ties a guest's life to the lab's, even if the lab is killed without a chance to clean up.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result, bail};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{SigSet, Signal, killpg};
use nix::unistd::Pid;

use crate::interrupt::pid_of;

/// Makes all later children of this process run on one CPU.
pub(super) fn stay_on(cpu: usize) -> nix::Result<()> {
    let mut there = CpuSet::new();
    there.set(cpu)?;
    sched_setaffinity(Pid::from_raw(0), &there)
}

/// Runs `command`; ends it with all of its processes when it ends, when the lab does, or when told
/// to by SIGTERM.
///
/// User Mode Linux has helpers that outlive its kernel, and that would keep the stream to the host
/// open; it puts them and itself into a process group of its own.
pub(super) fn main(command: &[OsString]) -> Result<u8> {
    let [program, arguments @ ..] = command else {
        bail!("no program to run")
    };
    let signals = SigSet::from_iter([Signal::SIGTERM]);
    signals.thread_block()?;
    set_pdeathsig(Signal::SIGTERM)?;
    let mut child = Command::new(program)
        .args(arguments)
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", program.to_string_lossy()))?;
    let group = pid_of(&child);
    std::thread::spawn(move || {
        if signals.wait().is_ok() {
            // The main thread sees to the rest.
            let _ = killpg(group, Signal::SIGKILL);
        }
    });
    child.wait()?;
    let _ = killpg(group, Signal::SIGKILL);
    Ok(0)
}
