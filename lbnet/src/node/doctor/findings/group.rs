//! Findings that differ only in what they are about.

use std::{collections::HashMap, fmt};

use serde::Serialize;

use super::{
    super::{
        finding::{Finding, FindingKind, Severity, lay_out},
        remedy::Remedy,
    },
    order::in_order,
};

/// All findings of one kind that matter as much and affect clients in the same way: 200 services
/// without a destination are one group.
///
/// Shown in several lines:
///
/// ```text
/// problem: tcp:10.10.10.100:80 has no destination
///     also: tcp:10.10.10.100:443 has no destination
///     New clients are refused.
///     fix: add a destination to tcp:10.10.10.100:80
///     fix: add a destination to tcp:10.10.10.100:443
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FindingGroup<'a> {
    /// How much they matter.
    pub severity: Severity,
    /// What kind of thing they are.
    pub kind: FindingKind,
    /// What is wrong: the [`problem`](field@Finding::problem) of each, at least one.
    pub problems: Vec<&'a str>,
    /// How clients are affected, or who else is.
    pub effect: &'a str,
    /// What fixes all of them, each once, in the order in which to do it.
    pub remedies: Vec<&'a Remedy>,
}

/// The groups, in the order of their first findings.
pub(super) fn groups(findings: &[Finding]) -> Vec<FindingGroup<'_>> {
    let mut places = HashMap::new();
    let mut members: Vec<(&Finding, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        let same = (finding.severity, finding.kind, finding.effect.as_str());
        let place = *places.entry(same).or_insert(members.len());
        match members.get_mut(place) {
            Some((_, all)) => all.push(finding),
            None => members.push((finding, vec![finding])),
        }
    }
    let groups = members.into_iter();
    groups
        .map(|(first, all)| FindingGroup::of(first, &all))
        .collect()
}

impl<'a> FindingGroup<'a> {
    fn of(first: &'a Finding, all: &[&'a Finding]) -> Self {
        Self {
            severity: first.severity,
            kind: first.kind,
            problems: all.iter().map(|it| it.problem.as_str()).collect(),
            effect: &first.effect,
            remedies: in_order(all),
        }
    }
}

impl fmt::Display for FindingGroup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (problems, remedies) = (self.problems.iter(), self.remedies.iter());
        lay_out(
            f,
            self.severity,
            problems.copied(),
            self.effect,
            remedies.copied(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(severity: Severity, problem: &str, effect: &str) -> Finding {
        let up = |device: &str| Remedy::SwitchOn(device.parse().unwrap());
        let finding = Finding::problem(FindingKind::VipMissing, problem, effect);
        let finding = finding.fix(up(problem)).fix(up("last"));
        Finding {
            severity,
            ..finding
        }
    }

    #[test]
    fn only_what_affects_clients_in_the_same_way_is_in_one_group() {
        let findings = [
            missing(Severity::Problem, "a", "No answer."),
            missing(Severity::Problem, "b", "Refused."),
            missing(Severity::Problem, "c", "No answer."),
            missing(Severity::Note, "d", "No answer."),
        ];
        let groups = groups(&findings);
        let problems: Vec<_> = groups.iter().map(|it| it.problems.join(" ")).collect();
        assert_eq!(problems, ["a c", "b", "d"]);
        assert_eq!(
            groups[0].to_string(),
            "problem: a\n    also: c\n    No answer.\n    fix: bring a up\n    fix: bring c up\n    \
             fix: bring last up"
        );
    }

    #[test]
    fn a_group_of_one_is_shown_as_its_finding() {
        let finding = missing(Severity::Warning, "a", "No answer.");
        let shown = finding.to_string();
        assert_eq!(groups(&[finding])[0].to_string(), shown);
    }
}
