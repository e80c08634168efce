//! QEMU: Debian's own kernel on an emulated machine, with the host's files shared over 9p.

mod initramfs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::cpus::Place;
use super::start::start;
use crate::install::{self, TOOLS};
use crate::interrupt::Scratch;
use crate::session::Session;
use crate::workspace::Workspace;

/// Every instruction is emulated.
const BOOT_LIMIT: Duration = Duration::from_secs(240);

pub(super) fn boot(workspace: &Workspace, root: &Path, place: Place) -> Result<Session> {
    let lab_folder = workspace.lab_folder();
    let release = release_in(&root.join("usr/lib/modules"))?;
    let folder = tempfile::Builder::new()
        .prefix("qemu-")
        .tempdir_in(&lab_folder)
        .with_context(|| format!("cannot write to {}", lab_folder.display()))?;
    let folder = Scratch::new(folder);
    let initramfs = initramfs::make(root, &release, &workspace.lab, folder.path())?;

    let libraries = root.join("usr/lib/x86_64-linux-gnu");
    // Through its own loader: the machine's libraries may be of another version.
    let mut qemu = Command::new(root.join("usr/lib64/ld-linux-x86-64.so.2"));
    qemu.env("QEMU_MODULE_DIR", libraries.join("qemu"))
        .arg("--library-path")
        .arg(&libraries)
        .arg(root.join("usr/bin/qemu-system-x86_64"));
    for firmware in ["usr/share/qemu", "usr/share/seabios", "usr/lib/ipxe/qemu"] {
        qemu.arg("-L").arg(root.join(firmware));
    }
    qemu
        // Never KVM: where it is offered inside another virtual machine, the guest may hang.
        .args([
            "-machine",
            "q35,accel=tcg",
            "-cpu",
            "max",
            "-smp",
            "2",
            "-m",
            "2048",
        ])
        .args([
            "-nodefaults",
            "-no-user-config",
            "-display",
            "none",
            "-no-reboot",
            "-nic",
            "none",
        ])
        .args([
            "-chardev",
            "file,id=console,path=/dev/fd/1",
            "-serial",
            "chardev:console",
        ])
        // The stream to the host, on standard input.
        .args([
            "-chardev",
            "socket,id=host,fd=0",
            "-device",
            "virtio-serial",
        ])
        .args(["-device", "virtserialport,chardev=host"])
        .args(share("root", Path::new("/")))
        .args(share("tools", &install::root_of(&TOOLS, workspace)))
        .args(share("modules", &root.join("usr/lib/modules")))
        .arg("-kernel")
        .arg(root.join("boot").join(format!("vmlinuz-{release}")))
        .arg("-initrd")
        .arg(initramfs)
        // A panic ends the run: it reboots at once, which QEMU was told not to do.
        .args([
            "-append",
            "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off",
        ]);
    start(&workspace.lab, &qemu, place, BOOT_LIMIT)
}

/// A folder of the host under a name that the guest mounts it by. Never for writing.
fn share(tag: &str, folder: &Path) -> [String; 2] {
    // A comma in an option's value is doubled.
    let folder = folder.display().to_string().replace(',', ",,");
    let how = "readonly=on,security_model=none,multidevs=remap";
    [
        "-virtfs".into(),
        format!("local,path={folder},mount_tag={tag},{how}"),
    ]
}

/// The kernel's release is the name of its modules' folder.
fn release_in(modules: &Path) -> Result<String> {
    let cannot = || format!("no kernel in {}", modules.display());
    let folders = fs::read_dir(modules).with_context(cannot)?;
    let folders = folders.filter_map(|entry| Some(entry.ok()?.path()));
    let newest: Option<PathBuf> = folders
        .filter(|folder| folder.join("kernel").is_dir())
        .max();
    let name = newest
        .as_deref()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    name.map(Into::into).with_context(cannot)
}
