//! The program `ipvs-rs` on a kernel: what each command does, prints and refuses.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

#[path = "../common/mod.rs"]
mod common;

mod commands;
mod connections;
mod destinations;
mod doctor;
mod drain;
mod hosts;
mod ineffective;
mod interrupt;
mod ipvsadm_rules;
mod listing;
mod names;
mod network;
mod refusals;
mod reschedule;
mod rules;
mod unprivileged;
