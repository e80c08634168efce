//! Helpers for kernel tests: network namespaces, sites of several hosts, and commands that run in them.
//!
//! Everything here panics on failure: it is for tests and for the demo, which report failures that way.

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
pub mod state;

pub use namespace::in_namespace;
