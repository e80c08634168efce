use std::io::{self, Write};

use lbnet::doctor::{CheckedAs, Diagnosis, FindingGroup, Unchecked};
use serde::Serialize;

use super::block::Block;
use super::group::Group;
use super::remedy;
use crate::session::NetnsName;

/// What was looked at and what was found, with the commands that fix it. As JSON: all of it. As text:
/// what a person can read.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    checked_as: Vec<CheckedAs>,
    findings: Vec<Group<'a>>,
    not_checked: &'a [Unchecked],
    #[serde(skip)]
    all_commands: Block,
    #[serde(skip)]
    summary: String,
}

impl<'a> Report<'a> {
    /// The report about a host in the network namespace that was named, if one was.
    pub(super) fn of(diagnosis: &'a Diagnosis, netns: Option<&NetnsName>) -> Self {
        let checked_as = diagnosis.checked_as();
        let groups = diagnosis.findings.groups();
        let commands = diagnosis.findings.remedies();
        let commands = commands.into_iter().map(|it| remedy::line(it, netns));
        Self {
            all_commands: Block::of(commands),
            summary: summary(diagnosis, &groups, &checked_as),
            findings: groups
                .into_iter()
                .map(|group| Group::of(group, netns))
                .collect(),
            checked_as,
            not_checked: &diagnosis.not_checked,
        }
    }

    /// The findings, the commands to paste, and what sums up.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        for group in &self.findings {
            group.print(out)?;
        }
        self.all_commands.print(out)?;
        writeln!(out, "{}", self.summary)
    }
}

fn summary(diagnosis: &Diagnosis, groups: &[FindingGroup<'_>], checked_as: &[CheckedAs]) -> String {
    let counted = counts(groups);
    if !diagnosis.findings.is_healthy() {
        return counted;
    }
    let notes = if counted.is_empty() { "" } else { ", " };
    let roles: Vec<_> = checked_as.iter().map(ToString::to_string).collect();
    let roles = roles.join(" and as ");
    let healthy = format!("healthy{notes}{counted}: checked as {roles}");
    let left_out: Vec<_> = diagnosis
        .not_checked
        .iter()
        .map(ToString::to_string)
        .collect();
    if left_out.is_empty() {
        return healthy;
    }
    // A part may have commas of its own.
    format!("{healthy}\nnot checked: {}", left_out.join("; "))
}

/// `2 problems, 1 warning`.
fn counts(groups: &[FindingGroup<'_>]) -> String {
    // The groups come by severity.
    let counts = groups.chunk_by(|one, next| one.severity == next.severity);
    let counts = counts.filter_map(|same| {
        let severity = same.first()?.severity;
        Some(match same.len() {
            1 => format!("1 {severity}"),
            count => format!("{count} {severity}s"),
        })
    });
    counts.collect::<Vec<_>>().join(", ")
}
