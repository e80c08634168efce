//! `lb.toml`, as people write it and as an embedder reads it.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

mod errors;
mod properties;
mod reading;
mod strategies;
#[allow(dead_code, reason = "the tests of `ipvs` need more of them")]
#[path = "../../../ipvs/tests/common/strategies.rs"]
mod tables;
mod updating;
