use std::io::Write;

use lbnet::{Findings, Severity};

use crate::commands::{Checked, Outcome};

/// What was found, and a last line that sums it up.
pub(crate) fn checked(checked: &Checked, out: &mut dyn Write) -> Outcome {
    let Checked { roles, findings } = checked;
    if !findings.is_empty() {
        writeln!(out, "{findings}")?;
    }
    let counted = counts(findings);
    if findings.is_healthy() {
        let notes = if counted.is_empty() { "" } else { ", " };
        let roles = roles.join(" and as ");
        writeln!(out, "healthy{notes}{counted}: checked as {roles}")?;
    } else {
        writeln!(out, "{counted}")?;
    }
    Ok(())
}

/// `2 problems, 1 warning`.
fn counts(findings: &Findings) -> String {
    let severities = [Severity::Problem, Severity::Warning, Severity::Note].into_iter();
    let counts = severities.filter_map(|severity| match findings.count(severity) {
        0 => None,
        1 => Some(format!("1 {severity}")),
        count => Some(format!("{count} {severity}s")),
    });
    counts.collect::<Vec<_>>().join(", ")
}
