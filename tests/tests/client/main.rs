//! The library's calls on a kernel.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

#[path = "../common/mod.rs"]
mod common;

mod accepted;
mod availability;
mod batch;
mod connections;
mod destinations;
mod differential;
mod ensure;
mod errors;
mod namespaces;
mod new_clients;
mod odd_entries;
mod origin;
mod services;
mod statistics;
mod sync;
mod table_and_plan;
mod timeouts;
mod totals;
