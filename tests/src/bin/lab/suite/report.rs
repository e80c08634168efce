//! The summary at the end.

use std::time::Duration;

use super::libtest::Results;

/// What came out so far.
#[derive(Default)]
pub(super) struct Report {
    passed: usize,
    failed: usize,
    skipped: usize,
    failures: Vec<(String, String)>,
}

impl Report {
    /// Adds the results of one program, and prints a line about it.
    pub(super) fn add(&mut self, place: &str, program: &str, took: Duration, results: Results) {
        let failed = results.failures.len() + results.lost;
        if results.passed + failed + results.ignored > 0 {
            let counts = counts(results.passed, failed, results.ignored);
            println!(
                "{place:<21} {program:<38} {counts:<20} {:>6.1} s",
                took.as_secs_f32()
            );
        }
        self.passed += results.passed;
        self.failed += failed;
        self.skipped += results.ignored;
        for failure in results.failures {
            self.failures
                .push((format!("{program}: {}", failure.name), failure.output));
        }
        if results.lost > 0 {
            let lost = format!("{program}: {} more tests that did not run", results.lost);
            self.failures.push((lost, String::new()));
        }
    }

    /// Whether not a single test was found.
    pub(super) fn is_empty(&self) -> bool {
        self.passed + self.failed + self.skipped == 0
    }

    /// Prints the failures and the totals; the exit status.
    pub(super) fn close(self) -> u8 {
        for (name, output) in &self.failures {
            println!("\n---- {name} ----\n{output}");
        }
        println!();
        for (name, _) in &self.failures {
            println!("failed: {name}");
        }
        println!("{}", totals(self.passed, self.failed, self.skipped));
        u8::from(self.failed > 0)
    }
}

/// Only what there is.
fn counts(passed: usize, failed: usize, skipped: usize) -> String {
    let counts = [(passed, "passed"), (failed, "failed"), (skipped, "skipped")];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    counts
        .map(|(count, what)| format!("{count} {what}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Scripts read this line.
fn totals(passed: usize, failed: usize, skipped: usize) -> String {
    format!("{passed} passed, {failed} failed, {skipped} skipped")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::libtest::Failure;

    #[test]
    fn the_last_line_has_all_three_counts() {
        assert_eq!(totals(3, 0, 1), "3 passed, 0 failed, 1 skipped");
        assert_eq!(counts(3, 0, 1), "3 passed, 1 skipped");
    }

    #[test]
    fn tests_that_did_not_run_have_failed() {
        let failure = Failure {
            name: "two".into(),
            output: "it crashed".into(),
        };
        let results = Results {
            passed: 1,
            failures: vec![failure],
            lost: 2,
            ..Results::default()
        };
        let mut report = Report::default();
        report.add("host", "ipvs-lab tests/services", Duration::ZERO, results);
        assert_eq!((report.passed, report.failed), (1, 3));
        assert_eq!(report.close(), 1);
    }
}
