use std::io::{self, Write};

use lbnet::{Findings, Severity};
use serde::{Serialize, Serializer};

/// What was looked at, and what was found.
pub(crate) struct Checked {
    pub(crate) roles: Vec<String>,
    pub(crate) findings: Findings,
}

/// The JSON is what was found.
impl Serialize for Checked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.findings.serialize(serializer)
    }
}

impl Checked {
    /// What was found, and a last line that sums it up.
    pub(crate) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let Checked { roles, findings } = self;
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
