//! Compares the library and ipvs-rs with the kernel's own cost and with `ipvsadm`: ratios of medians,
//! with all candidates taking turns in one run. `cargo lab bench` runs this in the lab.
//!
//! Each measurement has a network namespace of its own: the kernel keeps deleted destinations for
//! minutes, and searches them for every destination that is added.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for those who work on this"
)]

mod cases;
mod children;
mod floor;
mod plot;
mod report;
mod site;
mod targets;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::report::Report;

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Measure, and print the results as JSON; progress goes to standard error
    Measure {
        /// How many times to measure each candidate
        #[arg(long, default_value = "7")]
        rounds: NonZeroUsize,
        /// Also measure tables of other sizes, for the plot
        #[arg(long)]
        growth: bool,
        /// Run only cases whose name contains this
        filter: Option<String>,
    },
    /// Print the results as a table, and draw a plot
    Report {
        measured: PathBuf,
        #[arg(long)]
        plot: Option<PathBuf>,
    },
    /// Run a program, and print its peak memory
    PeakMemory {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

fn main() {
    match Arguments::parse().part {
        Part::Measure {
            rounds,
            growth,
            filter,
        } => measure(rounds.get(), growth, &filter.unwrap_or_default()),
        Part::Report { measured, plot } => {
            let text = std::fs::read_to_string(measured).unwrap();
            let report: Report = serde_json::from_str(&text).unwrap();
            if let Some(plot) = plot {
                plot::draw(&report, &plot).unwrap();
            }
            println!("{report}");
        }
        Part::PeakMemory { command } => children::run_for_memory(&command),
    }
}

fn measure(rounds: usize, growth: bool, filter: &str) {
    let mut report = Report::new(rounds);
    let mut cases = cases::all();
    if growth {
        cases.extend(cases::growth());
    }
    for case in cases {
        if case.name.contains(filter) {
            eprintln!("{} …", case.name);
            report.add(&case);
        }
    }
    report.judge();
    println!("{}", serde_json::to_string_pretty(&report).unwrap());
}
