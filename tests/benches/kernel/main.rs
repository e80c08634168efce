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
mod report;
mod site;

use clap::Parser;

use crate::report::Report;

/// Measures; prints a table, or JSON with --json. Progress goes to standard error.
#[derive(Debug, Parser)]
struct Arguments {
    /// How often each side is measured
    #[arg(long, default_value = "7")]
    rounds: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Only the cases whose name contains this
    filter: Option<String>,
    /// What cargo passes to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let filter = arguments.filter.unwrap_or_default();
    let mut report = Report::new(arguments.rounds);
    for case in cases::all() {
        if case.name.contains(&filter) {
            eprintln!("{} …", case.name);
            report.add(&case);
        }
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report).unwrap());
    } else {
        println!("{report}");
    }
}
