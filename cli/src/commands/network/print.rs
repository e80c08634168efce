use std::io::Write;

use lbnet::Report;

use crate::commands::Outcome;

/// What was done, in order, a step a line.
pub(crate) fn steps(report: &Report, out: &mut dyn Write) -> Outcome {
    for step in report.steps() {
        writeln!(out, "{step}")?;
    }
    Ok(())
}
