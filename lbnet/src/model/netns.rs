//! The identity of a network namespace.

use serde::{Deserialize, Serialize};

/// Identifies a network namespace among those that exist: the inode number that `ls -l
/// /proc/self/ns/net` shows, and the device number of its file system.
///
/// The kernel may reuse the number of a deleted namespace for a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NetnsId {
    /// The device number of the kernel's namespace file system.
    pub device: u64,
    /// The inode number of the namespace.
    pub inode: u64,
}

/// The namespace that a journal describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NamespaceRecord {
    pub(crate) id: NetnsId,
    /// A number that the kernel never reuses, if this kernel has one. Without it, a later namespace
    /// with the same inode number looks the same. Recorded values then protect that namespace:
    /// nothing is undone that differs from what this crate left.
    pub(crate) cookie: Option<u64>,
}
