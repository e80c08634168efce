//! Builds all tests, then runs host tests on the host and kernel tests on the lab's kernel.
//!
//! Kernel tests are the ignored tests among this package's integration tests. A plain `cargo test`
//! reports why it does not run them.

mod collect;
mod doctests;
mod host;
mod kernel_tests;
mod libtest;
mod programs;
mod report;
mod selection;

use anyhow::{Result, bail};

use self::report::Report;
pub use self::selection::Selection;
use crate::cli::KernelName;
use crate::workspace::Workspace;

/// Runs the tests; the exit status.
pub fn run(kernel: KernelName, workspace: &Workspace, selection: &Selection) -> Result<u8> {
    let filter = selection.filter.as_deref();
    let programs = programs::build(workspace, selection)?;
    let mut report = Report::default();
    host::run(&programs, filter, &mut report)?;
    doctests::run(workspace, selection, &mut report)?;
    kernel_tests::run(kernel, workspace, &programs, filter, &mut report)?;
    match filter {
        Some(filter) if report.is_empty() => bail!("no test has a name that contains {filter:?}"),
        None if report.is_empty() => bail!("there are no tests"),
        _ => Ok(report.close()),
    }
}
