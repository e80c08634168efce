//! What comes and goes with the module `ip_vs`.
//!
//! A program of its own: the servers that other tests start never end, so their namespaces would keep
//! the module in use until the program ends.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

#[path = "../kernel_facts/attributes.rs"]
mod attributes;
#[path = "../common/mod.rs"]
mod common;
#[path = "../kernel_facts/nobody.rs"]
mod nobody;
mod own_kernel;
#[path = "../kernel_facts/wire.rs"]
mod wire;
