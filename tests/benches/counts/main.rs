//! What does not depend on the machine: instructions, allocations and system calls. `cargo lab bench
//! --check` compares them with what was noted, in the lab.

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
    /// Compares everything with the figures that were noted
    Check,
    /// Does something so many times, to be counted
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
