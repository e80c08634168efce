//! The guest's first process: makes a copy-on-write root, runs the agent, powers off.

use std::convert::Infallible;
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::mount::{MsFlags, mount};
use nix::sys::reboot::{RebootMode, reboot};

use super::agent;
use super::files::{self, Layers};

/// Never returns: the kernel panics when its first process ends.
pub(super) fn main() -> Result<u8> {
    if std::process::id() != 1 {
        bail!("only the first process of a guest may run this");
    }
    if let Err(error) = guest() {
        // The host shows the console if the guest dies.
        eprintln!("lab: {error:#}");
    }
    let Err(error): Result<Infallible, _> = reboot(RebootMode::RB_POWER_OFF);
    Err(error).context("cannot power off")
}

fn guest() -> Result<()> {
    let kernel =
        env::var("lab_kernel").context("lab_kernel is not on the kernel's command line")?;
    let stream = match kernel.as_str() {
        "uml" => Path::new("/dev/tty1"),
        "qemu" => Path::new("/dev/vport0p1"),
        other => bail!("unknown kernel {other}"),
    };
    let set_up = set_up(&kernel);
    if let Err(error) = &set_up {
        // There may be no stream to the host yet.
        eprintln!("lab: {error:#}");
    }
    let stream = File::options()
        .read(true)
        .write(true)
        .open(stream)
        .with_context(|| format!("cannot open {}, the stream to the host", stream.display()))?;
    agent::serve(set_up, stream)
}

fn set_up(kernel: &str) -> Result<()> {
    files::mount_new("proc", Path::new("/proc"), "")?;
    let layers = Layers::beside_the_root()?;
    if kernel == "uml" {
        let tools = folder_from("lab_tools")?;
        let kernel_root = folder_from("lab_kernel_root")?;
        mount_host_folder(&tools, &layers.tools)?;
        mount_host_folder(&kernel_root.join("usr/lib/uml/modules"), &layers.modules)?;
    } else {
        mount_shared_folder("tools", &layers.tools)?;
        mount_shared_folder("modules", &layers.modules)?;
    }
    layers.load_modules(&["overlay", "virtio_console", "ipv6"])?;
    layers.make_root()?;
    files::mount_new("devtmpfs", &layers.root.join("dev"), "")?;
    files::enter(&layers.root)?;
    fs::write("/proc/sys/kernel/hostname", "lab")?;
    files::start_network()
}

fn folder_from(variable: &str) -> Result<PathBuf> {
    let folder = env::var_os(variable);
    folder
        .map(PathBuf::from)
        .with_context(|| format!("{variable} is not set"))
}

/// User Mode Linux: a folder of the host is a file system.
fn mount_host_folder(folder: &Path, at: &Path) -> Result<()> {
    let none: Option<&str> = None;
    mount(none, at, Some("hostfs"), MsFlags::MS_RDONLY, Some(folder))
        .with_context(|| format!("cannot mount the host's {}", folder.display()))
}

/// QEMU: a folder of the host is a 9p share with a name.
fn mount_shared_folder(tag: &str, at: &Path) -> Result<()> {
    let options = "trans=virtio,version=9p2000.L,msize=262144,cache=loose";
    mount(Some(tag), at, Some("9p"), MsFlags::MS_RDONLY, Some(options))
        .with_context(|| format!("cannot mount the host's share {tag}"))
}
