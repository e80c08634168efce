//! The first process in namespaces of the running kernel: the same surroundings as in a guest.

use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::mount::{MsFlags, mount};

use super::{agent, files};

const NONE: Option<&str> = None;

/// Folders that are mounted anew rather than copied on write.
const SYSTEM: [&str; 4] = ["/dev", "/proc", "/run", "/sys"];

/// Serves the host, whose end of the stream is on standard input.
pub(super) fn main(tools: &Path) -> Result<u8> {
    if std::process::id() != 1 {
        bail!("only the first process of one of the lab's process namespaces may run this");
    }
    let stream = std::io::stdin().as_fd().try_clone_to_owned()?;
    agent::serve(set_up(tools), stream.into())?;
    Ok(0)
}

fn set_up(tools: &Path) -> Result<()> {
    mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE)?;
    let mounts = mount_points()?;
    files::mount_new("tmpfs", Path::new("/run"), "size=75%")?;
    let (changes, root) = (Path::new("/run/changes"), Path::new("/run/root"));
    fs::create_dir(changes)?;
    fs::create_dir(root)?;
    files::mount_new("tmpfs", root, "mode=755")?;
    copy_on_write(tools, changes, root)?;
    for (number, point) in mounts.iter().enumerate() {
        let changes = changes.join(format!("mount-{number}"));
        // A mount that is hidden by another one, or that this kernel cannot stack: leave it out.
        let _ = copy_mount(point, &changes, &below(root, point));
    }
    files::bind(Path::new("/dev"), &root.join("dev"))?;
    files::enter(root)?;
    files::start_network()
}

/// Each folder of the root by itself: the layers of an overlay may not lie inside each other, and
/// the tools lie somewhere below `/`.
fn copy_on_write(tools: &Path, changes: &Path, root: &Path) -> Result<()> {
    for entry in fs::read_dir("/")? {
        let folder = entry?.path();
        let copy = below(root, &folder);
        if folder.is_symlink() {
            symlink(fs::read_link(&folder)?, copy)?;
        } else if folder.is_dir() {
            fs::create_dir(&copy)?;
            if is_system(&folder) {
                continue;
            }
            let of_tools = below(tools, &folder);
            let mut lowers = vec![folder.as_path()];
            if of_tools.is_dir() && !tools.starts_with(&folder) {
                lowers.insert(0, &of_tools);
            }
            files::overlay(&lowers, &below(changes, &folder), &copy)?;
        }
    }
    Ok(())
}

/// What is mounted below a folder is not part of the folder's overlay.
fn copy_mount(point: &Path, changes: &Path, copy: &Path) -> Result<()> {
    if point.is_dir() {
        files::overlay(&[point], changes, copy)
    } else {
        fs::copy(point, copy)?;
        Ok(())
    }
}

/// Returns all mount points except the folders of the root and those of the system.
fn mount_points() -> Result<Vec<PathBuf>> {
    let table = fs::read_to_string("/proc/self/mounts").context("cannot list the mounts")?;
    let points = table
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .map(unescaped);
    let deep = |point: &PathBuf| point.components().count() > 2 && !is_system(point);
    Ok(points.filter(deep).collect())
}

fn is_system(path: &Path) -> bool {
    SYSTEM.iter().any(|folder| path.starts_with(folder))
}

/// The table writes blanks in octal.
fn unescaped(text: &str) -> PathBuf {
    text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\134", "\\")
        .into()
}

fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_point_may_have_blanks() {
        assert_eq!(unescaped("/srv/my\\040site"), Path::new("/srv/my site"));
    }

    #[test]
    fn the_system_keeps_its_folders() {
        assert!(is_system(Path::new("/dev/shm")));
        assert!(!is_system(Path::new("/devices")));
    }
}
