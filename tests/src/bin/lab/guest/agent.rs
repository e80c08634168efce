//! Does what the host asks for, one program at a time, until it says to power off.

use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use anyhow::Result;

use super::program::Program;
use crate::session::{Message, ToGuest, ToHost};

/// The stream to the host, which several threads write to.
#[derive(Clone)]
pub(super) struct ToHostSender(Arc<Mutex<File>>);

impl ToHostSender {
    /// Sends a message; nobody is left to tell if that fails.
    pub(super) fn send(&self, message: &ToHost) {
        let _ = message.write(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Serves the host until it has had enough, or is gone.
pub(super) fn serve(mut from_host: File, to_host: File) -> Result<()> {
    let host = ToHostSender(Arc::new(Mutex::new(to_host)));
    host.send(&ToHost::Ready(super::kernel_release()?));
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
                // A program that reads no more is no error, here as in a shell.
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
