//! Counts what does not depend on the machine: instructions, allocations and system calls.
//! `cargo lab bench --check` runs this in the lab and compares the counts with `figures.toml`.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for those who work on this"
)]

mod check;
mod figures;
mod valgrind;
mod work;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::work::Work;

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Compare every count with its figure in figures.toml
    Check,
    /// Do one kind of work a number of times, so that it can be counted
    Work { work: Work, times: u32 },
}

fn main() -> ExitCode {
    match Arguments::parse().part {
        Part::Check => check::all(),
        Part::Work { work, times } => {
            work.repeat(times);
            ExitCode::SUCCESS
        }
    }
}
