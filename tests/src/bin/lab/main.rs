//! The lab: a kernel with IPVS on any Linux machine.
//!
//! `commands` has the subcommands. `kernel` boots a kernel from what `install` has unpacked. The host
//! then talks to it through a `session`, whose other end is the `guest`: this same program, running as
//! the first process there. `suite` runs the tests on both sides.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the command line"
)]
#![allow(
    unreachable_pub,
    reason = "in a program, nothing can be reached from outside"
)]

mod artifacts;
mod cli;
mod commands;
mod guest;
mod install;
mod interrupt;
mod kernel;
mod progress;
mod session;
mod suite;
mod terminal;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match commands::run(cli::Cli::parse()) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
