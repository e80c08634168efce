//! The guest's file system: the host's, with the lab's tools over it, and a memory for changes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::pivot_root;

const NONE: Option<&str> = None;

/// The home of whoever runs in the lab: the host's `/root` may be unreadable, or hold the
/// workspace.
pub(super) const HOME: &str = "/run/home";

/// The layers of the new root, in a memory of their own on `/run`.
pub(super) struct Layers {
    /// Where the lab's tools are to be mounted.
    pub(super) tools: PathBuf,
    /// Where the kernel's modules are to be mounted.
    pub(super) modules: PathBuf,
    /// Where changes go.
    pub(super) changes: PathBuf,
    /// All of it together.
    pub(super) root: PathBuf,
}

impl Layers {
    /// Makes the mount points. Every Linux has a `/run`; the new root gets one of its own.
    pub(super) fn beside_the_root() -> Result<Self> {
        mount_new("tmpfs", Path::new("/run"), "size=75%")?;
        let place = |name| {
            let path = Path::new("/run").join(name);
            fs::create_dir(&path).map(|()| path)
        };
        Ok(Self {
            tools: place("tools")?,
            modules: place("modules")?,
            changes: place("changes")?,
            root: place("root")?,
        })
    }

    /// Loads modules with the tools' modprobe before the new root exists. Ignores failures: a module may
    /// be built in, and whatever needs a missing one reports it.
    pub(super) fn load_modules(&self, modules: &[&str]) -> Result<()> {
        bind(&self.modules, &self.tools.join("usr/lib/modules"))?;
        Command::new("chroot")
            .arg(&self.tools)
            .args(["/usr/sbin/modprobe", "--all", "--quiet"])
            .args(modules)
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .status()
            .context("cannot start chroot")?;
        Ok(())
    }

    /// Puts the layers together.
    pub(super) fn make_root(&self) -> Result<()> {
        overlay(&[&self.tools, Path::new("/")], &self.changes, &self.root)?;
        bind(&self.modules, &self.root.join("usr/lib/modules"))
    }
}

/// Mounts `lowers`, the first one on top, at `at`; changes go to a folder in `changes`.
pub(super) fn overlay(lowers: &[&Path], changes: &Path, at: &Path) -> Result<()> {
    let (upper, work) = (changes.join("upper"), changes.join("work"));
    fs::create_dir_all(&upper)?;
    fs::create_dir_all(&work)?;
    let lowers: Vec<String> = lowers.iter().map(|lower| escaped(lower)).collect();
    let options = format!(
        "lowerdir={},upperdir={},workdir={}",
        lowers.join(":"),
        escaped(&upper),
        escaped(&work)
    );
    mount_new("overlay", at, &options)?;
    // The root of an overlay has its upper folder's rights.
    fs::set_permissions(at, Permissions::from_mode(0o755))?;
    Ok(())
}

/// In overlay's options, colons part the layers and commas the options.
fn escaped(path: &Path) -> String {
    let mut text = String::new();
    for character in path.display().to_string().chars() {
        if matches!(character, '\\' | ':' | ',') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

/// Makes `root`, which has its `/dev` already, the root of everything, the kernel's own helpers
/// included, and mounts the rest of what a system has.
pub(super) fn enter(root: &Path) -> Result<()> {
    mount_new("proc", &root.join("proc"), "")?;
    mount_new("sysfs", &root.join("sys"), "")?;
    mount_new("tmpfs", &root.join("run"), "mode=755")?;
    fs::create_dir_all(root.join("dev/pts"))?;
    fs::create_dir_all(root.join("dev/shm"))?;
    mount_new(
        "devpts",
        &root.join("dev/pts"),
        "newinstance,ptmxmode=666,mode=620,gid=5",
    )?;
    mount_new("tmpfs", &root.join("dev/shm"), "mode=1777")?;

    nix::unistd::chdir(root)?;
    // With both the same, the old root ends up over the new one, to be taken off at once.
    pivot_root(".", ".").context("cannot change the root")?;
    umount2(".", MntFlags::MNT_DETACH).context("cannot leave the old root")?;
    nix::unistd::chdir("/")?;

    fs::create_dir_all(HOME)?;
    fs::create_dir_all("/tmp")?;
    fs::set_permissions("/tmp", Permissions::from_mode(0o1777))?;
    Ok(())
}

/// A new network namespace, like a new kernel, has its loopback device down.
pub(super) fn start_network() -> Result<()> {
    let ip = Command::new("ip")
        .args(["link", "set", "lo", "up"])
        .env("PATH", PATH)
        .status();
    if !ip.context("cannot start ip")?.success() {
        bail!("cannot bring up the loopback device");
    }
    Ok(())
}

/// Where the system's programs are.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Mounts a new file system of a kind.
pub(super) fn mount_new(kind: &str, at: &Path, options: &str) -> Result<()> {
    mount(Some(kind), at, Some(kind), MsFlags::empty(), Some(options))
        .with_context(|| format!("cannot mount {kind} on {}", at.display()))
}

/// Shows a folder at another place as well.
pub(super) fn bind(folder: &Path, at: &Path) -> Result<()> {
    mount(
        Some(folder),
        at,
        NONE,
        MsFlags::MS_BIND | MsFlags::MS_REC,
        NONE,
    )
    .with_context(|| format!("cannot bind {} to {}", folder.display(), at.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_end_its_option() {
        assert_eq!(escaped(Path::new("/a:b,c")), "/a\\:b\\,c");
    }
}
