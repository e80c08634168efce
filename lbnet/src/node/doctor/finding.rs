//! What a check found.

mod kind;

use std::fmt;

use serde::Serialize;

pub use kind::FindingKind;

/// Something that is not as it should be: what it is, what a client sees of it, and the commands
/// that mend it.
///
/// Shown in several lines:
///
/// ```text
/// problem: 10.10.10.100 is not an address of this host
///     Packets for it do not come to IPVS: clients get no answer.
///     mend: ipvs-rs director up --vip 10.10.10.100/24 --device eth0
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What sort of thing it is; its name does not change.
    pub kind: FindingKind,
    /// What is wrong, in one sentence without a full stop.
    pub problem: String,
    /// What a client sees of it, or who else does.
    pub effect: String,
    /// The commands that mend it, to be run one after the other. What has to be run elsewhere says
    /// where in a comment; what only the operator knows is in capitals.
    pub remedies: Vec<String>,
}

/// How much a finding matters. The worst is the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Clients are not served, or not all of them.
    Problem,
    /// Clients are served until something else happens.
    Warning,
    /// Good to know. A host with nothing but notes is healthy.
    Note,
}

impl Finding {
    fn new(
        severity: Severity,
        kind: FindingKind,
        problem: impl Into<String>,
        effect: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            kind,
            problem: problem.into(),
            effect: effect.into(),
            remedies: Vec::new(),
        }
    }

    pub(super) fn problem(
        kind: FindingKind,
        problem: impl Into<String>,
        effect: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Problem, kind, problem, effect)
    }

    pub(super) fn warning(
        kind: FindingKind,
        problem: impl Into<String>,
        effect: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Warning, kind, problem, effect)
    }

    pub(super) fn note(
        kind: FindingKind,
        problem: impl Into<String>,
        effect: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Note, kind, problem, effect)
    }

    /// Adds a command that mends it, after those that are there.
    pub(super) fn mend(mut self, command: impl Into<String>) -> Self {
        self.remedies.push(command.into());
        self
    }

    /// Adds several.
    pub(super) fn mend_all(mut self, commands: impl IntoIterator<Item = String>) -> Self {
        self.remedies.extend(commands);
        self
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Problem => "problem",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.severity, self.problem)?;
        write!(f, "    {}", self.effect)?;
        for remedy in &self.remedies {
            write!(f, "\n    mend: {remedy}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> Finding {
        Finding::problem(FindingKind::VipMissing, "it is not there", "No answer.")
            .mend("first")
            .mend("then")
    }

    #[test]
    fn it_says_what_is_wrong_then_who_notices_then_what_helps() {
        let lines = "problem: it is not there\n    No answer.\n    mend: first\n    mend: then";
        assert_eq!(missing().to_string(), lines);
    }

    #[test]
    fn json_has_a_code_that_does_not_change() {
        let json = serde_json::to_value(missing()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "severity": "problem",
                "kind": "vip_missing",
                "problem": "it is not there",
                "effect": "No answer.",
                "remedies": ["first", "then"],
            })
        );
    }

    #[test]
    fn the_worst_comes_first() {
        assert!(Severity::Problem < Severity::Warning && Severity::Warning < Severity::Note);
    }
}
