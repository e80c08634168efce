//! Errors about the journal.

use std::{error::Error, io, path::PathBuf};

/// The journal of changes cannot be used. In this case nothing is changed, because it could not be
/// undone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The content of the journal is invalid.
    #[error(
        "the journal {} is damaged: compare it with the host, undo what is left by hand, then delete it",
        path.display()
    )]
    Damaged {
        /// The file of the journal.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// An incompatible version of this crate wrote the journal.
    #[error(
        "the journal {} has version {found}, but this program knows {known}: undo its changes with the program that wrote it",
        path.display()
    )]
    Version {
        /// The file of the journal.
        path: PathBuf,
        /// The version of the journal.
        found: u32,
        /// The newest version that this crate reads.
        known: u32,
    },
    /// Another program is changing the same namespace, and has changed nothing for 30 seconds.
    #[error(
        "another program is changing this namespace: {} is locked{}, and nothing has changed for 30 seconds",
        path.display(),
        by(*holder)
    )]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// The process that has locked it, if the kernel shows it.
        holder: Option<u32>,
    },
    /// The journal's directory is not safe to write to.
    #[error("not keeping a journal in {}: {problem}", path.display())]
    Unsafe {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The file cannot be read or written.
    #[error("cannot keep the journal {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

fn by(holder: Option<u32>) -> String {
    holder.map_or_else(String::new, |pid| format!(" by process {pid}"))
}
