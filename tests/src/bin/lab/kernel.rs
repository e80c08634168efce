//! The kernels of the lab, and how each is started.
//!
//! They differ in how they boot and in where the guest finds its end of the stream to the host.
//! From then on they are one and the same [`Session`].

mod console;
mod host;
mod qemu;
mod uml;

use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

pub use self::console::Console;
pub use self::host::is_available as host_has_ipvs;
use crate::cli::KernelName;
use crate::install;
use crate::interrupt::Owned;
use crate::progress::Step;
use crate::session::Session;
use crate::workspace::Workspace;

/// Installs what the kernel needs, boots it, and waits until it takes commands.
pub fn boot(kernel: KernelName, workspace: &Workspace) -> Result<Session> {
    if kernel == KernelName::Host {
        host::check()?;
    }
    let installed = install::all(kernel, workspace)?;
    let _step = Step::start(format!("booting ({})", name(kernel)));
    match kernel {
        KernelName::Uml => uml::boot(workspace, &installed, Cpus::One),
        KernelName::UmlAnyCpu => uml::boot(workspace, &installed, Cpus::All),
        KernelName::Qemu => qemu::boot(workspace, &installed),
        KernelName::Host => host::boot(workspace, &installed),
    }
}

/// What people call it.
pub fn name(kernel: KernelName) -> &'static str {
    match kernel {
        KernelName::Uml => "User Mode Linux",
        KernelName::UmlAnyCpu => "User Mode Linux on any CPU",
        KernelName::Qemu => "QEMU",
        KernelName::Host => "this machine's kernel",
    }
}

/// How many of the machine's CPUs a guest may use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cpus {
    All,
    /// User Mode Linux is one process at a time: the kernel, or one that the kernel lets run. Each
    /// system call is a change between the two, and costs a third where none of them wakes up another
    /// CPU for it.
    One,
}

/// Starts `guest` so that it dies when the lab does, with its end of a stream as standard input
/// and everything it prints on the console; then waits until it is up.
fn start(lab: &Path, guest: &Command, cpus: Cpus, limit: Duration) -> Result<Session> {
    let (ours, theirs) = UnixStream::pair()?;
    let (console, printed) = Console::new()?;
    let mut tied = Command::new(lab);
    tied.args(["inside", "tied"])
        .args((cpus == Cpus::One).then_some("--on-one-cpu"))
        .arg(guest.get_program())
        .args(guest.get_args());
    for (key, value) in guest.get_envs() {
        match value {
            Some(value) => tied.env(key, value),
            None => tied.env_remove(key),
        };
    }
    // Ctrl-C is the lab's alone: it ends the guest in good order.
    let child = tied
        .process_group(0)
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
        .stdout(printed.try_clone()?)
        .stderr(printed)
        .spawn()
        .with_context(|| format!("cannot start {}", lab.display()))?;
    // The command holds copies of the guest's ends of the streams, which would hide its death.
    drop(tied);
    Session::open(Owned::keeper(child), ours, console, limit)
}

/// `key=value` for a kernel's command line, which knows double quotes but no escapes.
fn word(key: &str, value: &Path) -> String {
    let value = value.display().to_string();
    if value.contains(char::is_whitespace) {
        format!("{key}=\"{value}\"")
    } else {
        format!("{key}={value}")
    }
}
