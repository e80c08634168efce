//! Requests to the kernel by netlink: single requests, batches, and the meaning of errors.

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
