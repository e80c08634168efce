//! What is wrong with the record of changes.

use std::{error::Error, io, path::PathBuf};

/// The journal of changes cannot be used. Without it nothing is changed, as nothing could be undone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The record of what was changed cannot be understood.
    #[error(
        "the journal {} is damaged: compare it with the host, undo what is left by hand, then delete it",
        path.display()
    )]
    Damaged {
        /// The journal's file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The record was written by another version of this crate.
    #[error(
        "the journal {} has version {found}, this program knows {known}: undo with the one that wrote it",
        path.display()
    )]
    Version {
        /// The journal's file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version of this crate.
        known: u32,
    },
    /// Somebody else is changing the same namespace, and did not finish.
    #[error("another set-up of this namespace is running: {} is locked", path.display())]
    Busy {
        /// The lock.
        path: PathBuf,
    },
    /// The journal's directory is not safe to write to.
    #[error("not keeping a journal in {}: {problem}", path.display())]
    Unsafe {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The journal cannot be read or written.
    #[error("cannot keep the journal {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}
