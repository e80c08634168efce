//! What the doctor found.

mod kind;

use std::fmt;

use serde::Serialize;

pub use kind::FindingKind;

use super::remedy::Remedy;

/// Something that is wrong with a host: what it is, how clients are affected, and what fixes it.
///
/// Shown in several lines:
///
/// ```text
/// problem: 10.10.10.100 is not an address of this host
///     Packets for it do not come to IPVS: clients get no answer.
///     fix: set up the director for 10.10.10.100/24 on eth0
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What kind of thing it is. The name of a kind does not change.
    pub kind: FindingKind,
    /// What is wrong, in one sentence without a full stop.
    pub problem: String,
    /// How clients are affected, or who else is.
    pub effect: String,
    /// What fixes it, in the order in which to do it.
    pub remedies: Vec<Remedy>,
}

/// How much a finding matters. The worst is the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Some or all clients are not served.
    Problem,
    /// It works now, but will fail when something else changes.
    Warning,
    /// Worth knowing. A host with nothing but notes is healthy.
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

    /// Adds a remedy after those that are there.
    pub(super) fn fix(mut self, remedy: Remedy) -> Self {
        self.remedies.push(remedy);
        self
    }

    /// Adds several.
    pub(super) fn fix_all(mut self, remedies: impl IntoIterator<Item = Remedy>) -> Self {
        self.remedies.extend(remedies);
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
        lay_out(
            f,
            self.severity,
            [&*self.problem],
            &self.effect,
            &self.remedies,
        )
    }
}

/// Writes what is wrong with one or several objects, in lines.
pub(super) fn lay_out<'a>(
    f: &mut fmt::Formatter<'_>,
    severity: Severity,
    problems: impl IntoIterator<Item = &'a str>,
    effect: &str,
    remedies: impl IntoIterator<Item = &'a Remedy>,
) -> fmt::Result {
    write!(f, "{severity}")?;
    for (place, problem) in problems.into_iter().enumerate() {
        let before = if place == 0 { "" } else { "    also" };
        writeln!(f, "{before}: {problem}")?;
    }
    write!(f, "    {effect}")?;
    for remedy in remedies {
        write!(f, "\n    fix: {remedy}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> Finding {
        let up = |device: &str| Remedy::SwitchOn(device.parse().unwrap());
        Finding::problem(FindingKind::VipMissing, "it is not there", "No answer.")
            .fix(up("eth0"))
            .fix(up("eth1"))
    }

    #[test]
    fn it_says_what_is_wrong_then_how_clients_are_affected_then_what_fixes_it() {
        let lines = "problem: it is not there\n    No answer.\n    fix: bring eth0 up\n    \
                     fix: bring eth1 up";
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
                "remedies": [
                    { "type": "switch_on", "device": "eth0" },
                    { "type": "switch_on", "device": "eth1" },
                ],
            })
        );
    }

    #[test]
    fn the_worst_comes_first() {
        assert!(Severity::Problem < Severity::Warning && Severity::Warning < Severity::Note);
    }
}
