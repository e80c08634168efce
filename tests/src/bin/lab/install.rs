//! Downloads the lab's kernels and tools and unpacks them in target/lab. Nothing is installed.

mod apt;
mod archives;
mod depmod;
mod packages;
mod unpack;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

pub use self::packages::{Set, TOOLS};
use crate::progress::{Step, note};
use crate::workspace::Workspace;

/// Stands in a finished root folder's parent: what it was made from.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    /// The packages asked for.
    wanted: Vec<String>,
    /// The same with their versions.
    versions: Vec<String>,
}

/// Makes sure that everything in `sets` is there.
pub fn all(sets: &[&Set], workspace: &Workspace) -> Result<()> {
    let folder = workspace.lab_folder();
    let missing = || sets.iter().filter(|set| !is_installed(&folder, set));
    if missing().next().is_none() {
        return Ok(());
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let _lock = lock(&folder)?;
    // Another lab may have installed them while this one waited.
    for set in missing() {
        install(&folder, set)?;
    }
    Ok(())
}

/// Where the files of a set are: a folder to be used as the root.
pub fn root_of(set: &Set, workspace: &Workspace) -> PathBuf {
    workspace.lab_folder().join(set.name).join("root")
}

fn is_installed(folder: &Path, set: &Set) -> bool {
    let stamp = fs::read(folder.join(set.name).join("stamp.json")).ok();
    let stamp = stamp.and_then(|stamp| serde_json::from_slice::<Stamp>(&stamp).ok());
    stamp.is_some_and(|stamp| stamp.wanted == set.packages)
}

/// Only one lab installs at a time; the lock ends with the process.
fn lock(folder: &Path) -> Result<Flock<File>> {
    let path = folder.join("lock");
    let cannot = || format!("cannot lock {}", path.display());
    let file = File::create(&path).with_context(cannot)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(lock),
        Err((file, Errno::EWOULDBLOCK)) => {
            let _step = Step::announce("waiting for another lab to finish unpacking");
            Flock::lock(file, FlockArg::LockExclusive)
                .map_err(|(_, errno)| errno)
                .with_context(cannot)
        }
        Err((_, errno)) => Err(errno).with_context(cannot),
    }
}

/// Everything happens in a folder of another name, which gets its own at the very end:
/// an interrupted install is no install.
fn install(folder: &Path, set: &Set) -> Result<()> {
    if std::env::consts::ARCH != "x86_64" {
        bail!(
            "the lab's packages are for x86_64, and this machine is {}",
            std::env::consts::ARCH
        );
    }
    let done = folder.join(set.name);
    let partial = folder.join(format!("{}.partial", set.name));
    remove(&partial)?;
    let step = Step::announce(&format!("unpacking {} into {}", set.what, folder.display()));
    let archives = apt::download(&folder.join("apt"), set.packages, &step)?;
    unpack::unpack(&archives, &partial.join("root"), &step)?;
    depmod::run(&partial.join("root"))?;
    let versions = archives.versions(set.packages);
    let stamp = Stamp {
        wanted: set.packages.iter().map(ToString::to_string).collect(),
        versions: versions.clone(),
    };
    fs::write(
        partial.join("stamp.json"),
        serde_json::to_vec_pretty(&stamp)?,
    )?;
    remove(&done)?;
    fs::rename(&partial, &done)?;
    archives.remove();
    let versions = versions.join(", ");
    note(&format!(
        "unpacked, without installing anything: {versions}"
    ));
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}
