//! The examples in the documentation, which only cargo can build and run.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::host::run_one;
use super::libtest;
use super::report::Report;
use super::selection::Selection;
use crate::progress::Step;
use crate::workspace::Workspace;

/// For the examples of all crates, which cargo also compiles.
const TIME_LIMIT: Duration = Duration::from_secs(1800);

/// Runs them.
pub(super) fn run(workspace: &Workspace, selection: &Selection, report: &mut Report) -> Result<()> {
    let began = Instant::now();
    let step = Step::start("testing the examples in the documentation");
    let mut cargo = workspace.cargo("test");
    cargo
        .args(selection.cargo_arguments())
        .args(["--doc", "--no-fail-fast", "--"]);
    cargo.args(selection.filter.as_deref());
    let mut output = Vec::new();
    let end = run_one(&mut cargo, TIME_LIMIT, |bytes| output.extend(bytes))
        .context("cannot start cargo")?;
    let results = libtest::read(&output, &Ok(end), 0);
    drop(step);
    report.add(
        "host",
        "examples in the documentation",
        began.elapsed(),
        results,
    );
    Ok(())
}
