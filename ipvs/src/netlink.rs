//! Asking the kernel by netlink: requests, batches, and what the kernel's answers mean.

mod batch;
mod client;
pub(crate) mod convert;
pub(crate) mod errno;
mod error;
pub(crate) mod files;
mod namespace;

pub(crate) use batch::Write;
pub use batch::{Batch, CommitReport, OnError, WriteOutcome};
pub use client::Client;
pub use error::Error;
pub use namespace::Namespace;
