//! The first file system of the emulated machine: loads what it takes to mount the host's root.

use std::fmt::Write as _;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The modules for the shared folders and for the stream to the host.
const MODULES: [&str; 4] = ["virtio_pci", "virtio_console", "9pnet_virtio", "9p"];

/// Creates it in `folder`, with the kernel, busybox and cpio from `root`.
pub(super) fn make(root: &Path, release: &str, lab: &Path, folder: &Path) -> Result<PathBuf> {
    let files = folder.join("files");
    for name in ["bin", "dev", "proc", "sys", "modules", "root"] {
        fs::create_dir_all(files.join(name))?;
    }
    let busybox = root.join("usr/bin/busybox");
    fs::copy(&busybox, files.join("bin/busybox"))
        .with_context(|| format!("cannot copy {}", busybox.display()))?;
    let mut loading = String::new();
    for module in modules_in_order(root, release)? {
        let name = module.file_name().context("a module without a name")?;
        fs::copy(&module, files.join("modules").join(name))
            .with_context(|| format!("cannot copy {}", module.display()))?;
        writeln!(loading, "insmod /modules/{}", name.to_string_lossy())?;
    }
    let init = files.join("init");
    fs::write(&init, script(&loading, lab))?;
    fs::set_permissions(&init, Permissions::from_mode(0o755))?;
    pack(root, &files, &folder.join("initramfs"))
}

/// The modules and what they depend on, in the order of loading.
fn modules_in_order(root: &Path, release: &str) -> Result<Vec<PathBuf>> {
    let base = root.join("usr/lib/modules").join(release);
    let dependencies = fs::read_to_string(base.join("modules.dep"))
        .with_context(|| format!("{} has no modules.dep", base.display()))?;
    let mut order: Vec<PathBuf> = Vec::new();
    for module in MODULES {
        let line = dependencies.lines().find_map(|line| {
            let (path, needs) = line.split_once(':')?;
            (module_name(path) == module).then_some((path, needs))
        });
        // A module without a file is built into the kernel.
        let Some((path, needs)) = line else { continue };
        // Each line names the dependencies in reverse order of loading.
        for path in needs.split_whitespace().rev().chain([path]) {
            let path = base.join(path);
            if !order.contains(&path) {
                order.push(path);
            }
        }
    }
    Ok(order)
}

/// `kernel/fs/9p/9p.ko.xz` is 9p.
fn module_name(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.split('.').next().unwrap_or(file).replace('-', "_")
}

/// The one shell script of the lab: nothing else can run before the host's root is there.
fn script(loading: &str, lab: &Path) -> String {
    let lab = lab.display();
    format!(
        r#"#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
{loading}
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=262144,cache=loose root /root
export lab_kernel=qemu
exec switch_root /root "{lab}" inside init
"#
    )
}

/// Runs the unpacked cpio, through the loader beside it.
fn pack(root: &Path, files: &Path, archive: &Path) -> Result<PathBuf> {
    let mut cpio = Command::new(root.join("usr/lib64/ld-linux-x86-64.so.2"))
        .arg("--library-path")
        .arg(root.join("usr/lib/x86_64-linux-gnu"))
        .arg(root.join("usr/bin/cpio"))
        .args(["--create", "--null", "--format=newc", "--quiet"])
        .current_dir(files)
        .stdin(Stdio::piped())
        .stdout(File::create(archive)?)
        .spawn()
        .context("cannot start cpio")?;
    let mut names = cpio.stdin.take().context("cpio has no input")?;
    for name in names_below(files)? {
        names.write_all(name.as_bytes())?;
        names.write_all(&[0])?;
    }
    drop(names);
    if !cpio.wait()?.success() {
        bail!("cpio failed");
    }
    Ok(archive.into())
}

/// Lists folders before their contents.
fn names_below(files: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut folders = vec![files.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            names.push(path.strip_prefix(files)?.display().to_string());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_tells_the_name_of_the_module() {
        assert_eq!(module_name("kernel/fs/9p/9p.ko"), "9p");
        assert_eq!(
            module_name("kernel/drivers/virtio/virtio-pci.ko.xz"),
            "virtio_pci"
        );
    }

    #[test]
    fn what_a_module_needs_comes_before_it() {
        let root = tempfile::tempdir().unwrap();
        let base = root.path().join("usr/lib/modules/1.0");
        fs::create_dir_all(&base).unwrap();
        let dependencies = "fs/9p.ko: net/9pnet.ko lib/netfs.ko\nnet/9pnet.ko:\n";
        fs::write(base.join("modules.dep"), dependencies).unwrap();
        let order = modules_in_order(root.path(), "1.0").unwrap();
        let order: Vec<_> = order
            .iter()
            .map(|path| path.strip_prefix(&base).unwrap())
            .collect();
        assert_eq!(
            order,
            ["lib/netfs.ko", "net/9pnet.ko", "fs/9p.ko"].map(Path::new)
        );
    }
}
