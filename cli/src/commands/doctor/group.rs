use std::io::{self, Write};

use lbnet::doctor::{FindingGroup, FindingKind, Severity};
use serde::Serialize;

use super::remedy;
use crate::session::NetnsName;
use crate::shown::shell::Line;

/// Findings that differ only in what they are about.
#[derive(Serialize)]
pub(super) struct Group<'a> {
    severity: Severity,
    kind: FindingKind,
    problems: Vec<&'a str>,
    effect: &'a str,
    commands: Vec<Line>,
}

/// How many findings of a group are shown at most, and how many commands that fix several findings. More
/// would hide the other groups.
const PROBLEMS: usize = 10;
const COMMANDS: usize = 5;

impl<'a> Group<'a> {
    pub(super) fn of(group: FindingGroup<'a>, netns: Option<&NetnsName>) -> Self {
        let remedies = group.remedies.into_iter();
        Self {
            severity: group.severity,
            kind: group.kind,
            problems: group.problems,
            effect: group.effect,
            commands: remedies.map(|it| remedy::line(it, netns)).collect(),
        }
    }

    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}", self.severity)?;
        for (place, problem) in self.problems.iter().take(PROBLEMS).enumerate() {
            let before = if place == 0 { "" } else { "    also" };
            writeln!(out, "{before}: {problem}")?;
        }
        if let Some(more) = beyond(self.problems.len(), PROBLEMS) {
            writeln!(out, "    and {more} more (--output json lists all)")?;
        }
        writeln!(out, "    {}", self.effect)?;
        // The steps that fix one thing stay together.
        let shown = match self.problems.len() {
            1 => self.commands.len(),
            _ => COMMANDS,
        };
        for command in self.commands.iter().take(shown) {
            writeln!(out, "    fix: {command}")?;
        }
        if let Some(more) = beyond(self.commands.len(), shown) {
            let commands = if more == 1 { "command" } else { "commands" };
            writeln!(out, "    and {more} more {commands}, all listed below")?;
        }
        Ok(())
    }
}

/// How many are left out, if any are.
fn beyond(count: usize, limit: usize) -> Option<usize> {
    count.checked_sub(limit).filter(|more| *more > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(problems: usize, commands: usize) -> String {
        let problems: Vec<_> = (0..problems).map(|it| format!("s{it} has none")).collect();
        let up = |it| Line::network(["ip", "link", "set", &format!("eth{it}"), "up"]);
        let group = Group {
            severity: Severity::Problem,
            kind: FindingKind::ServiceWithoutServers,
            problems: problems.iter().map(String::as_str).collect(),
            effect: "Refused.",
            commands: (0..commands).map(up).collect(),
        };
        let mut out = Vec::new();
        group.print(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn two_findings_are_one_with_a_list() {
        assert_eq!(
            printed(2, 2),
            "problem: s0 has none
    also: s1 has none
    Refused.
    fix: ip link set eth0 up
    fix: ip link set eth1 up
"
        );
    }

    #[test]
    fn two_hundred_findings_do_not_hide_the_others() {
        let said = printed(200, 200);
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines.len(), 18, "{said}");
        assert_eq!(lines[10], "    and 190 more (--output json lists all)");
        assert_eq!(lines[17], "    and 195 more commands, all listed below");
    }

    #[test]
    fn the_steps_that_fix_one_thing_are_all_there() {
        assert_eq!(printed(1, 9).matches("    fix: ").count(), 9);
    }
}
