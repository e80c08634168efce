//! Runs the programs that the host asks for, one at a time, until it asks to power off.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::thread::{self, JoinHandle};

use anyhow::Result;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

use super::program::Program;
use super::sender::ToHostSender;
use crate::session::{Message, ToGuest, ToHost};

/// Serves the host on a stream; if the set-up failed, tells the host why the guest is not ready.
pub(super) fn serve(set_up: Result<()>, mut to_host: File) -> Result<()> {
    if to_host.is_terminal() {
        // The line must not change a byte of it.
        let mut settings = tcgetattr(&to_host)?;
        cfmakeraw(&mut settings);
        tcsetattr(&to_host, SetArg::TCSANOW, &settings)?;
    }
    match set_up {
        Ok(()) => answer(to_host.try_clone()?, to_host),
        Err(error) => {
            ToHost::Failed(format!("{error:#}")).write(&mut to_host)?;
            to_host.flush()?;
            Err(error)
        }
    }
}

/// Serves the host until it powers the guest off or closes the stream.
fn answer(mut from_host: File, to_host: File) -> Result<()> {
    let host = ToHostSender::new(to_host);
    host.send(&ToHost::Ready(kernel_release()?));
    let mut stdin: Option<Box<dyn Write>> = None;
    let mut running: Option<JoinHandle<()>> = None;
    loop {
        match ToGuest::read(&mut from_host) {
            Ok(ToGuest::Run(run)) => {
                if let Some(previous) = running.take() {
                    let _ = previous.join();
                }
                match Program::start(&run, &host) {
                    Ok(mut program) => {
                        stdin = program.stdin();
                        let host = host.clone();
                        running = Some(thread::spawn(move || {
                            let exit = program.wait(run.time_limit);
                            host.send(&ToHost::Exited(exit));
                        }));
                    }
                    Err(exit) => host.send(&ToHost::Exited(exit)),
                }
            }
            Ok(ToGuest::Stdin(bytes)) => {
                // As in a shell, it is no error if the program stops reading its input.
                if stdin
                    .as_mut()
                    .is_some_and(|stdin| stdin.write_all(&bytes).is_err())
                {
                    stdin = None;
                }
            }
            Ok(ToGuest::StdinEnd) => stdin = None,
            Ok(ToGuest::PowerOff) | Err(_) => return Ok(()),
        }
    }
}

/// The name of the running kernel, as `uname -r` has it.
fn kernel_release() -> Result<String> {
    Ok(std::fs::read_to_string("/proc/sys/kernel/osrelease")?
        .trim_end()
        .to_owned())
}
