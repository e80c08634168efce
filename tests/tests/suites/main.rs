//! What the test suites of other IPVS tools and libraries ask of those, asked of this library and of
//! the program, in our own words.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

#[path = "../common/mod.rs"]
mod common;

mod arguments;
mod changes;
mod forwarding;
mod life_of_a_service;
mod matrix;
mod model;
mod own_kernel;
mod save_and_restore;
mod sync_daemons;
mod timeouts;
mod wrong_files;
