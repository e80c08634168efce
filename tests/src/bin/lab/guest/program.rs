//! Starts and watches one program for the host, and removes it with all its children.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::errno::Errno;
use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::sender::ToHostSender;
use crate::interrupt::pid_of;
use crate::session::{Exit, Run, ToHost};

/// A running program.
pub(super) struct Program {
    child: Child,
    output: Vec<JoinHandle<()>>,
    stdin: Option<Box<dyn Write + Send>>,
}

impl Program {
    /// Starts it, its output on the way to the host.
    pub(super) fn start(run: &Run, host: &ToHostSender) -> Result<Self, Exit> {
        let started = match run.terminal {
            None => Self::with_pipes(run, host),
            Some(_) => Self::with_terminal(run, host),
        };
        started.map_err(|error| Exit::NotStarted(format!("{}: {error}", run.program)))
    }

    fn with_pipes(run: &Run, host: &ToHostSender) -> std::io::Result<Self> {
        let mut command = command(&run.program, &run.args, run);
        command.stdin(if run.stdin {
            Stdio::piped()
        } else {
            Stdio::null()
        });
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdout = child
            .stdout
            .take()
            .map(|pipe| pump(pipe, ToHost::Stdout, host));
        let stderr = child
            .stderr
            .take()
            .map(|pipe| pump(pipe, ToHost::Stderr, host));
        let stdin = child
            .stdin
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Write + Send>);
        Ok(Self {
            child,
            output: stdout.into_iter().chain(stderr).collect(),
            stdin,
        })
    }

    fn with_terminal(run: &Run, host: &ToHostSender) -> std::io::Result<Self> {
        let size = run.terminal.map(|size| Winsize {
            ws_col: size.columns,
            ws_row: size.rows,
            ws_xpixel: 0,
            ws_ypixel: 0,
        });
        let terminal = openpty(&size, None)?;
        // A shell wants the terminal as its controlling one, for Ctrl-C and jobs.
        let mut arguments = vec![
            "--ctty".to_owned(),
            "--wait".to_owned(),
            run.program.clone(),
        ];
        arguments.extend(run.args.iter().cloned());
        let mut command = command("setsid", &arguments, run);
        command.stdin(terminal.slave.try_clone()?);
        command
            .stdout(terminal.slave.try_clone()?)
            .stderr(terminal.slave);
        let child = command.spawn()?;
        let keys = File::from(terminal.master.try_clone()?);
        let screen = File::from(terminal.master);
        let output = vec![pump(screen, ToHost::Stdout, host)];
        Ok(Self {
            child,
            output,
            stdin: Some(Box::new(keys)),
        })
    }

    /// Where its standard input is to be written.
    pub(super) fn stdin(&mut self) -> Option<Box<dyn Write>> {
        self.stdin.take().map(|stdin| stdin as Box<dyn Write>)
    }

    /// Waits for the program to end, and kills it when its time is up. Also kills what it left running,
    /// so that all output has been sent when this returns.
    pub(super) fn wait(self, limit: Option<Duration>) -> Exit {
        let pid = pid_of(&self.child);
        let timed_out = Arc::new(AtomicBool::new(false));
        let (ended, watch) = mpsc::channel::<()>();
        let watchdog = limit.map(|limit| {
            let timed_out = Arc::clone(&timed_out);
            thread::spawn(move || {
                if watch.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
                    timed_out.store(true, Ordering::Relaxed);
                    kill_all();
                }
            })
        });
        let exit = reap_until(pid);
        drop(ended);
        if let Some(watchdog) = watchdog {
            let _ = watchdog.join();
        }
        kill_all();
        reap_rest();
        for pump in self.output {
            let _ = pump.join();
        }
        if timed_out.load(Ordering::Relaxed) {
            Exit::TimedOut
        } else {
            exit
        }
    }
}

fn command(program: &str, arguments: &[String], run: &Run) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(&run.env);
    let cwd = if run.cwd.is_dir() {
        &run.cwd
    } else {
        Path::new("/")
    };
    command.current_dir(cwd);
    command
}

/// Forwards output from `from` to the host without delay.
fn pump(
    mut from: impl Read + Send + 'static,
    frame: fn(Vec<u8>) -> ToHost,
    host: &ToHostSender,
) -> JoinHandle<()> {
    let host = host.clone();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        // A terminal ends with EIO when its last user has gone; a pipe with 0.
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            host.send(&frame(buffer.iter().take(length).copied().collect()));
        }
    })
}

/// Collects children until `pid` ends. The first process also inherits all orphans.
fn reap_until(pid: Pid) -> Exit {
    loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(ended, status)) if ended == pid => return Exit::Status(status),
            Ok(WaitStatus::Signaled(ended, signal, _)) if ended == pid => {
                return Exit::Signal(signal as i32);
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Exit::NotStarted(format!("lost track of the program: {errno}")),
        }
    }
}

fn reap_rest() {
    while waitpid(None, Some(WaitPidFlag::empty())).is_ok() {}
}

/// Kills every process of the guest but this one, which is its first: see the callers of
/// [`super::agent::serve`].
fn kill_all() {
    if std::process::id() == 1 {
        let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
    }
}
