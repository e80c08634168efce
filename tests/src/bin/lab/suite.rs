//! Every test there is: built once, host tests on the host, kernel tests on the lab's kernel.
//!
//! Kernel tests are the ignored tests of this package's integration tests: a plain `cargo test`
//! says why it does not run them.

mod collect;
mod doctests;
mod host;
mod kernel_tests;
mod libtest;
mod programs;
mod report;

use std::time::Duration;

use anyhow::{Result, bail};

use self::programs::Program;
use self::report::Report;
use crate::cli::KernelName;
use crate::progress::Step;
use crate::workspace::Workspace;

/// For one test program; QEMU emulates every instruction and gets more.
const PROGRAM_LIMIT: Duration = Duration::from_secs(600);

/// Which tests to run.
pub struct Selection {
    /// Those of these packages; empty: of all.
    pub packages: Vec<String>,
    /// Those whose name contains this.
    pub filter: Option<String>,
}

impl Selection {
    /// The packages, as cargo wants them.
    fn cargo_arguments(&self) -> Vec<&str> {
        if self.packages.is_empty() {
            return vec!["--workspace", "--all-features"];
        }
        self.packages
            .iter()
            .flat_map(|package| ["--package", package])
            .collect()
    }
}

/// Runs the tests; the exit status.
pub fn run(kernel: KernelName, workspace: &Workspace, selection: &Selection) -> Result<u8> {
    let filter = selection.filter.as_deref();
    let programs = programs::build(workspace, selection)?;
    let mut report = Report::default();
    host::run(&programs, filter, &mut report)?;
    doctests::run(workspace, selection, &mut report)?;
    kernel_tests::run(kernel, workspace, &programs, filter, &mut report)?;
    match filter {
        Some(filter) if report.is_empty() => bail!("no test's name contains {filter:?}"),
        None if report.is_empty() => bail!("there is not a single test"),
        _ => Ok(report.close()),
    }
}

/// A spinner that says which program is at work.
fn step_for(program: &Program) -> Step {
    Step::start(format!("testing {program}"))
}
