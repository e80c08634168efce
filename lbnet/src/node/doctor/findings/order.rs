//! The order in which to carry out the remedies of several findings.

use std::collections::{HashMap, HashSet};

use super::super::{finding::Finding, remedy::Remedy};

/// Every remedy of these findings once. Each comes after all that precede it in any finding: two
/// findings may each write a file, and then have the same program read its files. It has to read them
/// after both are written.
pub(super) fn in_order<'a>(findings: &[&'a Finding]) -> Vec<&'a Remedy> {
    let mut order = Order::default();
    for finding in findings {
        let later = finding.remedies.iter().skip(1);
        for (before, remedy) in finding.remedies.iter().zip(later) {
            order.before.entry(remedy).or_default().push(before);
        }
    }
    for finding in findings {
        for remedy in &finding.remedies {
            order.put(remedy);
        }
    }
    order.remedies
}

#[derive(Default)]
struct Order<'a> {
    before: HashMap<&'a Remedy, Vec<&'a Remedy>>,
    seen: HashSet<&'a Remedy>,
    remedies: Vec<&'a Remedy>,
}

impl<'a> Order<'a> {
    /// Puts a remedy after all that have to precede it, unless it is there.
    fn put(&mut self, remedy: &'a Remedy) {
        if !self.seen.insert(remedy) {
            return;
        }
        for before in self.before.remove(remedy).unwrap_or_default() {
            self.put(before);
        }
        self.remedies.push(remedy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::finding::FindingKind;

    fn up(device: &str) -> Remedy {
        Remedy::SwitchOn(device.parse().unwrap())
    }

    fn finding(devices: &[&str]) -> Finding {
        let finding = Finding::problem(FindingKind::VipDeviceDown, devices.concat(), "No answer.");
        finding.fix_all(devices.iter().map(|it| up(it)))
    }

    #[track_caller]
    fn ordered(findings: &[&[&str]], expected: &[&str]) {
        let findings: Vec<_> = findings.iter().map(|it| finding(it)).collect();
        let findings: Vec<_> = findings.iter().collect();
        let expected: Vec<_> = expected.iter().map(|it| up(it)).collect();
        assert_eq!(in_order(&findings), expected.iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_remedy_of_two_findings_comes_once_and_after_all_that_precede_it_in_either() {
        ordered(&[&["a", "b"], &["c", "b"], &["d"]], &["a", "c", "b", "d"]);
        ordered(&[&["b"], &["a", "b"]], &["a", "b"]);
        ordered(&[&["a", "b"], &["a", "c"]], &["a", "b", "c"]);
    }

    #[test]
    fn findings_that_contradict_each_other_lose_no_remedy() {
        ordered(&[&["a", "b", "a"], &["b", "a"]], &["b", "a"]);
    }
}
