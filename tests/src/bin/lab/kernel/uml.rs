//! User Mode Linux: a kernel that is an ordinary program, with the host's files as its root.

mod wide_registers;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::statvfs::statvfs;

use super::cpus::Place;
use super::start::start;
use crate::install::{self, TOOLS};
use crate::interrupt::Scratch;
use crate::progress::note;
use crate::session::Session;
use crate::workspace::Workspace;

const MEMORY_MB: u64 = 1024;
const BOOT_LIMIT: Duration = Duration::from_secs(60);

pub(super) fn boot(workspace: &Workspace, kernel: &Path, place: Place) -> Result<Session> {
    // For the kernel's control socket, which would otherwise be in the user's home. Nobody uses
    // it: the folder goes as soon as the guest is up, and nothing is left if the lab is killed.
    let folder = without_blanks(&workspace.lab_folder());
    let control = tempfile::Builder::new()
        .prefix("uml-")
        .tempdir_in(&folder)
        .with_context(|| format!("cannot write to {}", folder.display()))?;
    let registers = wide_registers::library(control.path())?;
    let control = Scratch::new(control);

    let mut linux = Command::new(kernel.join("usr/bin/linux.uml"));
    linux
        .arg(format!("mem={MEMORY_MB}M"))
        // Read-only: not even a mistake in the guest's init could write to the host.
        .args(["rootfstype=hostfs", "rootflags=/", "ro"])
        .arg(word("init", &workspace.lab))
        // Words that the kernel does not know become arguments of init, and `a=b` its environment.
        .args(["inside", "init", "lab_kernel=uml"])
        .arg(word("lab_tools", &install::root_of(&TOOLS, workspace)))
        .arg(word("lab_kernel_root", kernel))
        // Consoles: the kernel's messages go to standard output, the second one is the stream
        // to the host, on standard input.
        .args(["con=null", "con0=null,fd:1", "con1=fd:0", "loglevel=5"])
        .arg(format!("uml_dir={}", control.path().display()));
    if let Some(library) = registers {
        linux.env("LD_PRELOAD", library);
    }
    if let Some(tmpfs) = memory_folder() {
        linux.env("TMPDIR", tmpfs);
    }
    start(&workspace.lab, &linux, place, BOOT_LIMIT)
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

/// User Mode Linux takes `uml_dir` as it stands, quotes included, and the kernel then splits it at
/// blanks.
fn without_blanks(folder: &Path) -> PathBuf {
    if folder.display().to_string().contains(char::is_whitespace) {
        std::env::temp_dir()
    } else {
        folder.to_owned()
    }
}

/// The guest's memory is a sparse file: on a disk it is slow, and it is written back for nothing.
fn memory_folder() -> Option<&'static Path> {
    let folder = Path::new("/dev/shm");
    let free = statvfs(folder).map_or(0, |stat| stat.blocks_available() * stat.fragment_size());
    let writable = nix::unistd::access(folder, nix::unistd::AccessFlags::W_OK).is_ok();
    if writable && free > MEMORY_MB * 1024 * 1024 {
        return Some(folder);
    }
    note(&format!(
        "/dev/shm has less than {MEMORY_MB} MB free: the guest's memory will be a file on disk, which is slow"
    ));
    None
}
