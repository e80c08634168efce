//! What the library relies on and nobody promises: facts of the kernel's side of the protocol, one a
//! test, with bytes that the library would not send.
//!
//! A name with a version in it says what later kernels do otherwise.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

#[path = "../common/mod.rs"]
mod common;

mod alone;
mod attributes;
mod buffers;
mod counters;
mod daemon_requests;
mod destination_requests;
mod disturbed_dumps;
mod dumps;
mod family;
mod layout;
mod never_served;
mod nobody;
mod odd_services;
mod parsing;
mod permission;
mod proc_connections;
mod proc_table;
mod proc_totals;
mod redirects;
mod returning_destinations;
mod service_requests;
mod sysctls;
mod timers;
mod values;
mod wire;
