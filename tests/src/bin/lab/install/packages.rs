//! What the lab downloads.

/// Packages that share one root folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Set {
    /// The folder's name.
    pub(super) name: &'static str,
    /// For the progress line.
    pub(super) what: &'static str,
    /// The packages, without what they depend on.
    pub(super) packages: &'static [&'static str],
}

/// What commands in the lab find on every kernel.
pub(super) const TOOLS: Set = Set {
    name: "tools",
    what: "ipvsadm, nginx, apache and other tools",
    packages: &[
        "ipvsadm",
        "nginx-light",
        "apache2-bin",
        "curl",
        "iproute2",
        "iputils-arping",
        "iputils-ping",
        "jq",
        "kmod",
        "procps",
        "strace",
        "tcpdump",
        "util-linux",
        "valgrind",
    ],
};

/// A kernel that is a program, and its modules.
pub(super) const UML: Set = Set {
    name: "uml",
    what: "User Mode Linux",
    packages: &["user-mode-linux"],
};

/// A machine in software, Debian's kernel, and what its first file system is made with.
pub(super) const QEMU: Set = Set {
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
