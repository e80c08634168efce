//! The host around IPVS, on a kernel: set up, undone, and never more than that.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

#[path = "../common/mod.rs"]
mod common;
mod confined;
mod devices;
mod doctor;
mod faults;
mod interruptions;
mod ipv6;
mod killed;
mod left;
mod machine;
mod many;
mod marks;
mod neighbours;
mod occupied;
mod options;
mod others;
mod parts;
mod past;
mod placements;
mod probe;
mod renamed;
mod steps;
mod traffic;
mod tunnels;
mod waiting;
