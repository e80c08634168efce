//! Puts the lab's kernel and tools into target/lab: downloaded by apt, unpacked, never installed.

mod apt;
mod depmod;
mod packages;
mod unpack;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

use self::packages::Set;
use crate::cli::KernelName;
use crate::progress::{Step, note};
use crate::workspace::Workspace;

/// What is there once everything is installed.
pub struct Installed {
    /// The lab's own folder.
    pub folder: PathBuf,
    /// A root folder with ipvsadm, nginx, apache and so on.
    pub tools: PathBuf,
    kernel: Option<PathBuf>,
}

impl Installed {
    /// The root folder with the kernel and its modules.
    pub fn kernel_root(&self) -> Result<&Path> {
        self.kernel
            .as_deref()
            .context("this kernel is not one that the lab installs")
    }
}

/// Stands in a finished root folder's parent: what it was made from.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    /// The packages asked for.
    wanted: Vec<String>,
    /// The same with their versions.
    versions: Vec<String>,
}

/// Makes sure that everything for `kernel` is there.
pub fn all(kernel: KernelName, workspace: &Workspace) -> Result<Installed> {
    let folder = workspace.lab_folder();
    let kernel_set = match kernel {
        KernelName::Uml | KernelName::UmlAnyCpu => Some(packages::UML),
        KernelName::Qemu => Some(packages::QEMU),
        KernelName::Host => None,
    };
    let sets = [Some(packages::TOOLS), kernel_set];
    let missing = || {
        sets.iter()
            .flatten()
            .filter(|set| !is_installed(&folder, set))
    };
    if missing().next().is_some() {
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let _lock = lock(&folder)?;
        // Another lab may have installed them while this one waited.
        for set in missing() {
            match install(&folder, set) {
                Err(error) if kernel == KernelName::Host => {
                    note(&format!("{error:#}"));
                    note("going on with the tools that this machine has");
                }
                result => result?,
            }
        }
    }
    Ok(Installed {
        tools: root_of(&folder, &packages::TOOLS),
        kernel: kernel_set.map(|set| root_of(&folder, &set)),
        folder,
    })
}

fn root_of(folder: &Path, set: &Set) -> PathBuf {
    folder.join(set.name).join("root")
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
            let _step = Step::announce("waiting for another lab that is installing");
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
            "what the lab downloads is for x86_64 and this machine is {}{}",
            std::env::consts::ARCH,
            or_else()
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
    step.aside(|| note(&format!("unpacked (nothing is installed): {versions}")));
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}

/// What helps where nothing can be installed; the end of an error.
fn or_else() -> &'static str {
    if nix::unistd::Uid::effective().is_root() && crate::kernel::host_has_ipvs() {
        "; this machine's own kernel has IPVS, so --kernel host would do"
    } else {
        ""
    }
}
