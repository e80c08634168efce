//! What the kernel package's script would do: list which module needs which.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Runs the unpacked depmod for every kernel below `root` that has no list yet.
pub(super) fn run(root: &Path) -> Result<()> {
    for entry in fs::read_dir(root.join("usr/lib/modules"))? {
        let folder = entry?;
        if !folder.path().join("kernel").is_dir() || folder.path().join("modules.dep").exists() {
            continue;
        }
        // Through its own loader: the machine's libraries may be of another version. The program
        // has many names and goes by the one it is called by.
        let status = Command::new(root.join("usr/lib64/ld-linux-x86-64.so.2"))
            .args(["--argv0", "depmod", "--library-path"])
            .arg(root.join("usr/lib/x86_64-linux-gnu"))
            .arg(root.join("usr/bin/kmod"))
            .arg("--basedir")
            .arg(root)
            .arg(folder.file_name())
            .status()
            .context("cannot start depmod")?;
        if !status.success() {
            bail!("depmod failed for {}", folder.path().display());
        }
    }
    Ok(())
}
