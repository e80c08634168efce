//! Counts everything and compares it with the figures.

use std::collections::BTreeMap;
use std::process::{Command, ExitCode, Stdio};

use clap::ValueEnum as _;
use ipvs_lab::in_namespace;

use crate::figures::Figures;
use crate::valgrind;
use crate::work::Work;

/// Another version of a library, the C library's among them, makes less of a difference than this.
const TOLERANCE: f64 = 1.03;

pub(crate) fn all() -> ExitCode {
    let noted = Figures::noted();
    let mut check = Check { is_exceeded: false };
    for work in Work::value_variants() {
        let name = work.name();
        let counted = valgrind::instructions(*work);
        check.of(
            "instructions",
            &noted.instructions,
            &name,
            counted,
            TOLERANCE,
        );
        let counted = valgrind::allocations(*work);
        check.of("allocations", &noted.allocations, &name, counted, 1.0);
    }
    for (name, counted) in system_calls() {
        check.of(
            "system calls",
            &noted.system_calls,
            name,
            counted,
            TOLERANCE,
        );
    }
    if check.is_exceeded {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

struct Check {
    is_exceeded: bool,
}

impl Check {
    fn of(
        &mut self,
        what: &str,
        noted: &BTreeMap<String, f64>,
        name: &str,
        counted: f64,
        tolerance: f64,
    ) {
        let noted = noted[name];
        // A fraction of one is what something else does once in a while.
        let is_exceeded = counted > noted * tolerance + 0.05;
        let verdict = if is_exceeded { "MORE" } else { "ok" };
        println!("{name:<20} {counted:>10.1} {what:<14} figure {noted:>10.1}   {verdict}");
        self.is_exceeded |= is_exceeded;
    }
}

/// System calls of the program, with 30 services of 10 destinations each.
fn system_calls() -> [(&'static str, f64); 2] {
    in_namespace(|| {
        let rules = rules();
        let restore = traced(&["restore", "--quiet", "--format", "ipvsadm"], &rules);
        let list = traced(&["list"], "");
        [("restore", restore), ("list", list)]
    })
}

fn rules() -> String {
    let services = (1..=30).map(|service| {
        let service = format!("10.0.0.{service}:80");
        let destinations =
            (1..=10).map(|server| format!("-a -t {service} -r 11.0.0.{server}:80\n"));
        format!(
            "-A -t {service} -s rr\n{}",
            destinations.collect::<String>()
        )
    });
    services.collect()
}

fn traced(arguments: &[&str], input: &str) -> f64 {
    use std::io::Write as _;

    let summary = tempfile::NamedTempFile::new().unwrap();
    let mut strace = Command::new("strace");
    strace.args(["--summary-only", "--follow-forks", "--output"]);
    strace.arg(summary.path()).arg("ipvs-rs").args(arguments);
    let strace = strace.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut strace = strace.spawn().unwrap();
    strace
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    assert!(strace.wait().unwrap().success());
    let summary = std::fs::read_to_string(summary.path()).unwrap();
    // "100.00    0.000000           0      1881         2 total"
    let total = summary
        .lines()
        .find(|line| line.ends_with(" total"))
        .unwrap();
    total.split_whitespace().nth(3).unwrap().parse().unwrap()
}
