//! Sets of packages that the lab downloads, and the set that every kernel needs.

/// Packages that share one root folder.
#[derive(Debug)]
pub struct Set {
    /// The folder's name.
    pub name: &'static str,
    /// For the progress line.
    pub what: &'static str,
    /// The packages, without what they depend on.
    pub packages: &'static [&'static str],
}

/// The tools that commands in the lab find on every kernel.
pub const TOOLS: Set = Set {
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
