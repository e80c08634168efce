use std::io::{self, Write};

use lbnet::doctor::{Diagnosis, Finding, FindingKind, Findings, Severity};
use serde::Serialize;

use super::remedy;
use crate::session::NetnsName;

/// What was found, with what fixes it as lines to type. As JSON: the findings.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    findings: Vec<Printed<'a>>,
    #[serde(skip)]
    summary: String,
}

#[derive(Serialize)]
struct Printed<'a> {
    severity: Severity,
    kind: FindingKind,
    problem: &'a str,
    effect: &'a str,
    remedies: Vec<String>,
}

impl<'a> Report<'a> {
    /// The report about a host in the network namespace that was named, if one was.
    pub(crate) fn of(diagnosis: &'a Diagnosis, netns: Option<&NetnsName>) -> Self {
        let findings = diagnosis.findings.iter();
        Self {
            findings: findings
                .map(|finding| Printed::of(finding, netns))
                .collect(),
            summary: summary(diagnosis),
        }
    }

    /// The findings, and a last line that sums them up.
    pub(crate) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        for finding in &self.findings {
            finding.print(out)?;
        }
        writeln!(out, "{}", self.summary)
    }
}

impl<'a> Printed<'a> {
    fn of(finding: &'a Finding, netns: Option<&NetnsName>) -> Self {
        let remedies = finding.remedies.iter();
        Self {
            severity: finding.severity,
            kind: finding.kind,
            problem: &finding.problem,
            effect: &finding.effect,
            remedies: remedies.map(|it| remedy::line(it, netns)).collect(),
        }
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}: {}", self.severity, self.problem)?;
        writeln!(out, "    {}", self.effect)?;
        for remedy in &self.remedies {
            writeln!(out, "    fix: {remedy}")?;
        }
        Ok(())
    }
}

fn summary(diagnosis: &Diagnosis) -> String {
    let Diagnosis {
        roles, findings, ..
    } = diagnosis;
    let counted = counts(findings);
    if !findings.is_healthy() {
        return counted;
    }
    let notes = if counted.is_empty() { "" } else { ", " };
    let roles: Vec<_> = roles.iter().map(ToString::to_string).collect();
    let roles = roles.join(" and as ");
    format!("healthy{notes}{counted}: checked as {roles}")
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
