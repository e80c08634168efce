//! For kernel tests: network namespaces, sites of several hosts, commands in them.
//!
//! Everything here panics when something goes wrong: it is for tests and for the demo, where that
//! is how a failure is reported.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test harness: a panic is how a test fails"
)]

pub mod demo;
mod namespace;
pub mod netns;
pub mod process;
pub mod site;

pub use namespace::in_namespace;
