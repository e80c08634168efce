//! Cleans up after Ctrl-C, `kill` or a closed terminal: ends everything that the lab started.
//!
//! A thread waits for signals, so the clean-up is ordinary code. The standard library starts children
//! with an empty signal mask.

use std::io;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, Signal, kill, killpg};
use nix::sys::termios::{SetArg, Termios, tcsetattr};
use nix::unistd::Pid;

static LEFTOVERS: Mutex<Leftovers> = Mutex::new(Leftovers {
    children: Vec::new(),
    folders: Vec::new(),
    terminal: None,
});

/// What must not outlive the lab.
struct Leftovers {
    children: Vec<Target>,
    folders: Vec<PathBuf>,
    terminal: Option<Termios>,
}

/// How a child is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// Killed.
    Process(Pid),
    /// Killed with its process group.
    Group(Pid),
    /// Told to end everything that it started, and itself.
    Keeper(Pid),
}

impl Target {
    fn end(self) {
        let _ = match self {
            Self::Process(pid) => kill(pid, Signal::SIGKILL),
            Self::Group(pid) => killpg(pid, Signal::SIGKILL),
            Self::Keeper(pid) => kill(pid, Signal::SIGTERM),
        };
    }
}

fn leftovers() -> MutexGuard<'static, Leftovers> {
    LEFTOVERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the thread that waits for signals. Call this before other threads start: they inherit the
/// signal mask.
pub fn handle() -> nix::Result<()> {
    let signals = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]);
    signals.thread_block()?;
    std::thread::spawn(move || {
        if let Ok(signal) = signals.wait() {
            clean_up();
            std::process::exit(128 + signal as i32);
        }
    });
    Ok(())
}

fn clean_up() {
    // Kept locked until the process ends: nobody may start anything new meanwhile.
    let leftovers = std::mem::ManuallyDrop::new(leftovers());
    for child in &leftovers.children {
        child.end();
    }
    restore(leftovers.terminal.as_ref());
    for folder in &leftovers.folders {
        let _ = std::fs::remove_dir_all(folder);
    }
}

fn restore(terminal: Option<&Termios>) {
    if let Some(before) = terminal {
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, before);
    }
}

/// The process id of a child, as the kernel has it.
pub fn pid_of(child: &Child) -> Pid {
    // The kernel's own type has a sign, and no process an id above it.
    Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX))
}

/// A child that is ended when this is dropped.
#[derive(Debug)]
pub struct Owned {
    child: Child,
    target: Target,
}

impl Owned {
    /// Takes over a child in the lab's own process group.
    pub fn child(child: Child) -> Self {
        Self::new(child, Target::Process)
    }

    /// Takes over a child that leads a process group.
    pub fn group(child: Child) -> Self {
        Self::new(child, Target::Group)
    }

    /// Takes over a child that ends what it has started when it gets SIGTERM.
    pub fn keeper(child: Child) -> Self {
        Self::new(child, Target::Keeper)
    }

    fn new(child: Child, target: fn(Pid) -> Target) -> Self {
        let target = target(pid_of(&child));
        leftovers().children.push(target);
        Self { child, target }
    }

    /// The child itself.
    pub fn get(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits for the child to end.
    pub fn wait(mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }

    /// A keeper ends by itself, unless it is stopped or broken.
    fn wait_or_kill(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if began.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // A group can outlive its leader; a process that was waited for must not be signalled:
        // its id may be another's by now.
        let running = matches!(self.child.try_wait(), Ok(None));
        if running || matches!(self.target, Target::Group(_)) {
            self.target.end();
        }
        self.wait_or_kill();
        leftovers().children.retain(|child| *child != self.target);
    }
}

/// A folder that is gone when the lab is.
#[derive(Debug)]
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    /// Takes over a temporary folder.
    pub fn new(folder: tempfile::TempDir) -> Self {
        leftovers().folders.push(folder.path().into());
        Self(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &std::path::Path {
        self.0.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        leftovers().folders.retain(|folder| folder != self.0.path());
    }
}

/// Sets the terminal state that the clean-up restores; `None` if there is nothing to restore.
pub fn terminal_before(state: Option<Termios>) {
    leftovers().terminal = state;
}
