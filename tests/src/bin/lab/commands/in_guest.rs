//! Runs one program in a new guest and passes its output on.

use anyhow::Result;
use nix::sys::signal::Signal;

use crate::cli::KernelName;
use crate::kernel;
use crate::session::{Exit, PassOn, Run};
use crate::terminal::Raw;
use crate::workspace::Workspace;

/// The status of a program that was killed because nobody read its output.
const CLOSED: u8 = 128 + Signal::SIGPIPE as u8;

/// Boots, runs one program, and switches the guest off. Returns the program's exit status.
pub(super) fn run(workspace: &Workspace, kernel: KernelName, run: Run) -> Result<u8> {
    let mut session = kernel::boot(kernel, workspace)?;
    let raw = run.terminal.map(|_| Raw::enter()).transpose()?;
    let mut output = PassOn::default();
    let exit = session.run(run, &mut output);
    drop(raw);
    if output.closed {
        return Ok(CLOSED);
    }
    let exit = exit?;
    session.close();
    match &exit {
        Exit::NotStarted(why) => eprintln!("error: {why}"),
        Exit::TimedOut => eprintln!("error: the time limit expired (see --time-limit)"),
        Exit::Status(_) | Exit::Signal(_) => {}
    }
    Ok(exit.code())
}
