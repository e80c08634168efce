//! The examples in the documentation, which only cargo can build and run.

use std::time::Instant;

use anyhow::{Context, Result};

use super::Selection;
use super::host::run_one;
use super::libtest;
use super::report::Report;
use crate::progress::Step;
use crate::workspace::Workspace;

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
    let end = run_one(&mut cargo, |bytes| output.extend(bytes)).context("cannot start cargo")?;
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
