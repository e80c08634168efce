//! What tells network namespaces apart.

use serde::{Deserialize, Serialize};

/// What tells one network namespace from another while both exist: the inode number that `ls -l
/// /proc/self/ns/net` shows, and its file system's device.
///
/// A namespace that is created later may get the number of one that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NetnsId {
    /// The device number of the kernel's namespace file system.
    pub device: u64,
    /// The namespace's inode number.
    pub inode: u64,
}

/// Which namespace a journal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NamespaceRecord {
    pub(crate) id: NetnsId,
    /// The number that is never given out again, from kernels that have it. Without it a later
    /// namespace with the same inode number cannot be told apart; then the values themselves
    /// protect it, as nothing is undone that is not as this crate left it.
    pub(crate) cookie: Option<u64>,
}
