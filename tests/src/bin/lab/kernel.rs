//! The kernels of the lab, and how each is started.
//!
//! They differ in how they boot and in where the guest finds its end of the stream to the host. Once
//! they are up, each is a [`Session`].

mod catalogue;
mod cpus;
mod host;
mod qemu;
mod start;
mod uml;

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use nix::unistd::Uid;

use self::catalogue::Boot;
pub use self::catalogue::of;
pub use self::cpus::Nth;
use crate::cli::KernelName;
use crate::install::{self, Set, TOOLS};
use crate::progress::{Step, note};
use crate::session::Session;
use crate::workspace::Workspace;

/// Installs what the kernel needs, boots it, and waits until it takes commands.
pub fn boot(name: KernelName, workspace: &Workspace) -> Result<Session> {
    boot_beside(name, Nth::FIRST, workspace)
}

/// Like [`boot`], for one of several guests at the same time.
pub fn boot_beside(name: KernelName, nth: Nth, workspace: &Workspace) -> Result<Session> {
    let kernel = of(name);
    let booting = || Step::start(format!("booting ({})", kernel.title));
    let cpus = kernel.cpus.for_guest(nth);
    match &kernel.boot {
        Boot::UserMode(packages) => {
            let root = install_with(packages, workspace)?;
            let _step = booting();
            uml::boot(workspace, &root, cpus)
        }
        Boot::Emulated(packages) => {
            let root = install_with(packages, workspace)?;
            let _step = booting();
            qemu::boot(workspace, &root, cpus)
        }
        Boot::Running => {
            host::check()?;
            if let Err(error) = install::all(&[&TOOLS], workspace) {
                note(&format!("{error:#}"));
                note("continuing with the tools that this machine has");
            }
            let _step = booting();
            host::boot(workspace, cpus)
        }
    }
}

/// Installs the tools and a kernel; the kernel's root folder.
fn install_with(packages: &Set, workspace: &Workspace) -> Result<PathBuf> {
    install::all(&[&TOOLS, packages], workspace).map_err(|error| match alternative() {
        Some(alternative) => anyhow!("{error:#}\n{alternative}"),
        None => error,
    })?;
    Ok(install::root_of(packages, workspace))
}

/// What works even if nothing can be installed.
fn alternative() -> Option<&'static str> {
    let works = Uid::effective().is_root() && host::is_available();
    works.then_some("this machine's own kernel has IPVS: try --kernel host")
}
