//! All that the doctor found.

mod group;
mod order;

use std::{collections::HashSet, fmt, slice, vec};

use serde::Serialize;

pub use group::FindingGroup;

use super::{
    finding::{Finding, FindingKind, Severity},
    remedy::{Confinement, Remedy},
};
use crate::{Host, error::UserNamespace};

/// All findings about a host, the worst first, each once.
///
/// Shown group by group: see [`FindingGroup`].
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
pub struct Findings {
    findings: Vec<Finding>,
    #[serde(skip)]
    known: Known,
}

/// By what a finding is recognised as one that is there already.
#[derive(Clone, PartialEq, Eq, Default)]
struct Known {
    problems: HashSet<(FindingKind, String)>,
    fixes: HashSet<(FindingKind, Vec<Remedy>)>,
}

impl Known {
    /// Whether a finding is there already; from now on, it is.
    ///
    /// Two roles of a host, or two VIPs, may lead to the same finding. The first one knows best what
    /// fixes it.
    fn has(&mut self, finding: &Finding) -> bool {
        let problem = (finding.kind, finding.problem.clone());
        let fix = (finding.kind, finding.remedies.clone());
        if self.problems.contains(&problem) || self.fixes.contains(&fix) {
            return true;
        }
        self.problems.insert(problem);
        // To have no remedy is nothing that two findings have in common.
        if !finding.remedies.is_empty() {
            self.fixes.insert(fix);
        }
        false
    }
}

impl Findings {
    /// The findings in order.
    pub fn iter(&self) -> slice::Iter<'_, Finding> {
        self.findings.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether there are none, not even notes.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        let of_it = |finding: &&Finding| finding.severity == severity;
        self.iter().filter(of_it).count()
    }

    /// The findings, with those of one kind that affect clients in the same way put together.
    pub fn groups(&self) -> Vec<FindingGroup<'_>> {
        group::groups(&self.findings)
    }

    /// The remedies of all findings, each once, in an order in which all of them can be carried out.
    pub fn remedies(&self) -> Vec<&Remedy> {
        order::in_order(&self.iter().collect::<Vec<_>>())
    }

    /// Takes all remedies of a finding away if one of them is not permitted: the others alone would
    /// leave the host half-way.
    pub(super) fn withhold(&mut self, is_permitted: impl Fn(&Remedy) -> bool) {
        self.withhold_all(|remedies| remedies.iter().all(&is_permitted));
    }

    /// The same for what is right or wrong only together.
    pub(super) fn withhold_all(&mut self, are_permitted: impl Fn(&[Remedy]) -> bool) {
        for finding in &mut self.findings {
            if !are_permitted(&finding.remedies) {
                finding.remedies.clear();
            }
        }
    }

    /// Has done from outside what this process cannot do.
    pub(super) fn made_possible_on(mut self, host: &Host) -> Self {
        let here = UserNamespace::of_this_process();
        for remedy in self.findings.iter_mut().flat_map(|it| &mut it.remedies) {
            match remedy {
                Remedy::SetSysctl { key, .. } if host.is_read_only(key).unwrap_or_default() => {
                    *remedy = remedy.clone().outside(Confinement::ReadOnlySettings);
                }
                Remedy::LoadModule(_) | Remedy::Change(_) if here == UserNamespace::Other => {
                    *remedy = remedy.clone().outside(Confinement::UserNamespace);
                }
                _ => {}
            }
        }
        self
    }

    /// Whether there are no problems and no warnings.
    pub fn is_healthy(&self) -> bool {
        self.count(Severity::Problem) == 0 && self.count(Severity::Warning) == 0
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        let before = self.len();
        for finding in findings {
            if !self.known.has(&finding) {
                self.findings.push(finding);
            }
        }
        if self.len() > before {
            self.findings.sort_by_key(|finding| finding.severity);
        }
    }
}

impl FromIterator<Finding> for Findings {
    fn from_iter<I: IntoIterator<Item = Finding>>(findings: I) -> Self {
        let mut all = Self::default();
        all.extend(findings);
        all
    }
}

impl IntoIterator for Findings {
    type Item = Finding;
    type IntoIter = vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.findings.into_iter()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, group) in self.groups().iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            write!(f, "{group}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.findings).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::finding::FindingKind;

    fn note() -> Finding {
        Finding::note(FindingKind::TunnelMtu, "small", "Slow.")
    }

    fn problem() -> Finding {
        Finding::problem(FindingKind::VipMissing, "gone", "No answer.")
    }

    #[test]
    fn notes_alone_are_healthy() {
        assert!(Findings::default().is_healthy());
        assert!(Findings::from_iter([note()]).is_healthy());
        assert!(!Findings::from_iter([note(), problem()]).is_healthy());
    }

    #[test]
    fn each_is_there_once_and_the_worst_first() {
        let findings = Findings::from_iter([note(), problem(), note()]);
        assert_eq!(
            findings.into_iter().collect::<Vec<_>>(),
            [problem(), note()]
        );
    }

    #[test]
    fn the_same_fix_is_one_finding_and_no_fix_is_none() {
        let up = || Remedy::SwitchOn("eth0".parse().unwrap());
        let down = |problem| Finding::problem(FindingKind::VipDeviceDown, problem, "No answer.");
        let fixed = Findings::from_iter([down("a").fix(up()), down("b").fix(up())]);
        assert_eq!(fixed.len(), 1);
        assert_eq!(Findings::from_iter([down("a"), down("b")]).len(), 2);
    }

    #[test]
    fn a_thousand_findings_of_a_kind_are_one_group_however_they_come() {
        let mut all = Findings::default();
        for name in (0..1000).map(|it| format!("eth{it}")) {
            let up = Remedy::SwitchOn(name.parse().unwrap());
            let down = Finding::problem(FindingKind::VipDeviceDown, name, "No answer.");
            all.extend([note(), down.fix(up)]);
        }
        let groups = all.groups();
        let sizes: Vec<_> = groups.iter().map(|it| it.problems.len()).collect();
        assert_eq!(sizes, [1000, 1]);
        assert_eq!(groups[0].remedies, all.remedies());
        assert_eq!(all.remedies().len(), 1000);
    }

    #[test]
    fn text_and_json_have_them_in_that_order() {
        let findings = Findings::from_iter([note(), problem()]);
        let text = "problem: gone\n    No answer.\nnote: small\n    Slow.";
        assert_eq!(findings.to_string(), text);
        let json = serde_json::to_value(&findings).unwrap();
        assert_eq!(json["findings"][1]["kind"], "tunnel_mtu");
    }
}
