//! The examples stand beside this folder, one task a file: `cargo lab run -- list_services` in the
//! lab, `cargo build -p ipvs-examples --examples` for a host of your own.
//!
//! What follows is the project's README, so that its code is compiled.
#![doc = include_str!("../../README.md")]
