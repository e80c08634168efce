//! What goes wrong in other tools and libraries for IPVS, and must not here. Each test is named for
//! what must not happen.
//!
//! What the other tests show already is not shown again: that an update takes effect, that a missing
//! service is told from an empty one, that a weight has 31 bits.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

#[path = "../common/mod.rs"]
mod common;

mod addresses;
mod conversation;
mod counters;
mod differences;
mod edits;
mod help;
mod identity;
mod lists;
mod numbers;
mod resources;
mod restores;
mod ways;
