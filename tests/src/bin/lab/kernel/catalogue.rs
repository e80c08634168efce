//! The kernels of the lab, one row each.

use super::cpus::Cpus;
use crate::cli::KernelName;
use crate::install::Set;

/// A kernel that the lab can run things on.
pub struct Kernel {
    /// Its name in messages.
    pub title: &'static str,
    /// How it boots, and from which packages.
    pub(super) boot: Boot,
    /// Which of the machine's CPUs it may use.
    pub(super) cpus: Cpus,
    /// How many guests can run tests at the same time.
    pub guests: usize,
    /// How many times as long as under User Mode Linux a test may take.
    pub patience: u32,
}

/// How a kernel boots.
pub(super) enum Boot {
    /// As a program on this machine.
    UserMode(Set),
    /// On a machine that QEMU emulates.
    Emulated(Set),
    /// The running kernel, which does not boot.
    Running,
}

/// The row of a kernel.
pub fn of(name: KernelName) -> Kernel {
    match name {
        KernelName::Uml => Kernel {
            title: "User Mode Linux",
            boot: Boot::UserMode(UML),
            cpus: Cpus::One,
            guests: 2,
            patience: 1,
        },
        KernelName::UmlAnyCpu => Kernel {
            title: "User Mode Linux on any CPU",
            boot: Boot::UserMode(UML),
            cpus: Cpus::All,
            guests: 1,
            patience: 1,
        },
        KernelName::Qemu => Kernel {
            title: "QEMU",
            boot: Boot::Emulated(QEMU),
            cpus: Cpus::All,
            guests: 1,
            patience: 4,
        },
        KernelName::Host => Kernel {
            title: "this machine's kernel",
            boot: Boot::Running,
            cpus: Cpus::All,
            guests: 1,
            patience: 1,
        },
    }
}

/// A kernel that is a program, and its modules.
const UML: Set = Set {
    name: "uml",
    what: "User Mode Linux",
    packages: &["user-mode-linux"],
};

/// The emulator, Debian's kernel, and what its first file system is made with.
const QEMU: Set = Set {
    name: "qemu",
    what: "QEMU and Debian's kernel",
    packages: &[
        "qemu-system-x86",
        "seabios",
        "ipxe-qemu",
        "linux-image-amd64",
        "busybox-static",
        "cpio",
        "kmod",
    ],
};
