//! How fast it is beside what the kernel takes and beside `ipvsadm`: ratios of medians, all sides in
//! turn in one run, each in a network namespace of its own. `cargo lab bench` runs it in the lab.
//!
//! A namespace of its own, because a destination that was deleted is kept aside for minutes, and each
//! new one is searched for among those.

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
    /// Measures, and prints JSON; progress goes to standard error
    Measure {
        /// How often each side is measured
        #[arg(long, default_value = "7")]
        rounds: NonZeroUsize,
        /// Tables of more sizes, for the plot
        #[arg(long)]
        growth: bool,
        /// Only the cases whose name contains this
        filter: Option<String>,
    },
    /// Prints what was measured as a table, and draws a plot
    Report {
        measured: PathBuf,
        #[arg(long)]
        plot: Option<PathBuf>,
    },
    /// Runs a program, and prints how much memory it needed
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
