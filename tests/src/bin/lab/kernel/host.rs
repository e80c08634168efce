//! The running kernel, in namespaces of its own: mounts, network and processes.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use nix::unistd::Uid;

use super::cpus::Place;
use super::start::start;
use crate::install::{self, TOOLS};
use crate::session::Session;
use crate::workspace::Workspace;

const START_LIMIT: Duration = Duration::from_secs(20);

/// Says what is missing, if anything is.
pub(super) fn check() -> Result<()> {
    if !Uid::effective().is_root() {
        bail!(
            "--kernel host needs root, because IPVS requires CAP_NET_ADMIN in the initial user \
             namespace; the default, --kernel uml, needs no privilege"
        );
    }
    if !is_available() {
        bail!(
            "this machine's kernel has no IPVS: load it with `modprobe ip_vs`, or use the default, \
             --kernel uml"
        );
    }
    Ok(())
}

/// Whether the running kernel has IPVS, or a module for it that can be loaded.
pub(super) fn is_available() -> bool {
    Path::new("/proc/net/ip_vs").exists() || {
        let loaded = Command::new("modprobe").args(["--quiet", "ip_vs"]).output();
        loaded.is_ok_and(|output| output.status.success()) && Path::new("/proc/net/ip_vs").exists()
    }
}

pub(super) fn boot(workspace: &Workspace, place: Place) -> Result<Session> {
    let mut unshare = Command::new("unshare");
    unshare
        // A process namespace: when its first process ends, so does everything in it.
        .args(["--mount", "--net", "--pid", "--fork", "--kill-child"])
        .arg(&workspace.lab)
        .args(["inside", "namespace"])
        .arg(install::root_of(&TOOLS, workspace));
    start(&workspace.lab, &unshare, place, START_LIMIT)
}
