//! Unpacks packages into a root folder. Their scripts do not run.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::archives::Archives;
use crate::interrupt::Owned;
use crate::progress::Step;

/// Folders that are links into `/usr` on every current Debian.
const MERGED: [&str; 4] = ["bin", "sbin", "lib", "lib64"];

/// Unpacks all of `archives` below `root`.
pub(super) fn unpack(archives: &Archives, root: &Path, step: &Step) -> Result<()> {
    for folder in MERGED {
        let usr = root.join("usr").join(folder);
        fs::create_dir_all(&usr).with_context(|| format!("cannot create {}", usr.display()))?;
        symlink(Path::new("usr").join(folder), root.join(folder))?;
    }
    // Where the guest mounts its kernel's modules.
    fs::create_dir_all(root.join("usr/lib/modules"))?;
    let count = archives.files.len();
    for (number, archive) in archives.files.iter().enumerate() {
        step.now(format!("unpacking packages, {} of {count}", number + 1));
        unpack_one(archive, root)
            .with_context(|| format!("cannot unpack {}", archive.display()))?;
    }
    Ok(())
}

fn unpack_one(archive: &Path, root: &Path) -> Result<()> {
    let mut reader = Command::new("dpkg-deb");
    reader
        .arg("--fsys-tarfile")
        .arg(archive)
        .stdout(Stdio::piped());
    let reader = reader
        .spawn()
        .context("cannot start dpkg-deb, which the lab needs to unpack its programs (it comes with Debian and Ubuntu)")?;
    let mut reader = Owned::child(reader);
    let packed = reader
        .get()
        .stdout
        .take()
        .context("dpkg-deb has no output")?;
    let mut tar = Command::new("tar");
    // Older packages bring a folder /lib: it must go through the link, not replace it, or it
    // would hide the machine's own /lib in the guest.
    tar.args([
        "--extract",
        "--keep-directory-symlink",
        "--no-same-owner",
        "--directory",
    ]);
    let tar = tar
        .arg(root)
        .stdin(packed)
        .spawn()
        .context("cannot start tar")?;
    let unpacked = Owned::child(tar).wait()?.success();
    if !(reader.wait()?.success() && unpacked) {
        bail!("tar or dpkg-deb failed: the archive may be damaged, or the disk full");
    }
    Ok(())
}
