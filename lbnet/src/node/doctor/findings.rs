//! All that the doctor found.

use std::{fmt, slice, vec};

use serde::Serialize;

use super::finding::{Finding, Severity};

/// All findings about a host, the worst first, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Findings {
    findings: Vec<Finding>,
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

    /// Whether there are no problems and no warnings.
    pub fn is_healthy(&self) -> bool {
        self.count(Severity::Problem) == 0 && self.count(Severity::Warning) == 0
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        for finding in findings {
            // Two roles of a host, or two VIPs, may lead to the same finding. The first one knows best
            // what fixes it.
            let same = |it: &Finding| {
                let same_fix = it.remedies == finding.remedies && !it.remedies.is_empty();
                it.kind == finding.kind && (it.problem == finding.problem || same_fix)
            };
            if !self.findings.iter().any(same) {
                self.findings.push(finding);
            }
        }
        self.findings.sort_by_key(|finding| finding.severity);
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
        for (place, finding) in self.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
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
    fn text_and_json_have_them_in_that_order() {
        let findings = Findings::from_iter([note(), problem()]);
        let text = "problem: gone\n    No answer.\nnote: small\n    Slow.";
        assert_eq!(findings.to_string(), text);
        let json = serde_json::to_value(&findings).unwrap();
        assert_eq!(json["findings"][1]["kind"], "tunnel_mtu");
    }
}
