//! Reads the output of Rust's test programs.

use crate::session::Exit;

/// How much of a program's output is worth showing when it tells nothing better.
const LAST_LINES: usize = 60;

/// The results of one run of a test program.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Results {
    pub(super) passed: usize,
    pub(super) ignored: usize,
    pub(super) failures: Vec<Failure>,
    /// Failed, or not run at all, beyond `failures`.
    pub(super) lost: usize,
}

impl Results {
    /// Adds the results of another run.
    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.ignored += other.ignored;
        self.failures.extend(other.failures);
        self.lost += other.lost;
    }
}

/// A test that failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) name: String,
    pub(super) output: String,
}

/// Reads the output of a program of which `expected` tests were to run.
///
/// A program that does not reach its summary has crashed: what did not pass until then has failed.
pub(super) fn read(output: &[u8], end: &Result<Exit, String>, expected: usize) -> Results {
    let output = String::from_utf8_lossy(output);
    let mut results = Results::default();
    let mut summaries = 0;
    for line in output.lines() {
        if let Some(summary) = line.strip_prefix("test result: ") {
            results.passed += count(summary, "passed");
            results.ignored += count(summary, "ignored");
            summaries += 1;
        }
    }
    results.failures = failures_in(&output);
    let trouble = match end {
        Ok(Exit::Status(0)) => None,
        // Libtest's status for failed tests, cargo's for failed programs.
        Ok(Exit::Status(101)) if !results.failures.is_empty() => None,
        Ok(Exit::Status(status)) => Some(format!("the program ended with status {status}")),
        Ok(Exit::Signal(signal)) => Some(format!("the program was killed by signal {signal}")),
        Ok(Exit::TimedOut) => Some("the program was killed: its time limit expired".to_owned()),
        Ok(Exit::NotStarted(why)) => Some(format!("the program did not start: {why}")),
        Err(why) => Some(why.clone()),
    };
    if summaries == 0 {
        results.passed = output.lines().filter_map(|line| ended(line, "ok")).count();
        // Their output was to be in the summary.
        let failed = output.lines().filter_map(|line| ended(line, "FAILED"));
        results.failures.extend(failed.map(|name| Failure {
            name: name.to_owned(),
            output: "its output was lost when the program ended early".to_owned(),
        }));
    }
    if let Some(trouble) = trouble {
        let name = started_last(&output).unwrap_or("(unknown test)").to_owned();
        let output = format!("{trouble}\n{}", end_of(&output));
        results.failures.push(Failure { name, output });
    }
    let accounted = results.passed + results.ignored + results.failures.len();
    results.lost = expected.saturating_sub(accounted);
    results
}

/// The number before `what` in "ok. 3 passed; 0 failed; 1 ignored; …".
fn count(summary: &str, what: &str) -> usize {
    let part = summary
        .split([';', '.'])
        .find_map(|part| part.trim().strip_suffix(what));
    part.and_then(|number| number.trim().parse().ok())
        .unwrap_or(0)
}

/// The test that ended like that, if the line says so.
fn ended<'a>(line: &'a str, how: &str) -> Option<&'a str> {
    line.strip_prefix("test ")?
        .strip_suffix(how)?
        .strip_suffix(" ... ")
}

/// The sections that follow "failures:", each with a header: `---- name stdout ----`.
/// Tests that printed nothing have none: the list of names after the second "failures:" counts.
fn failures_in(output: &str) -> Vec<Failure> {
    let mut failures: Vec<Failure> = Vec::new();
    let mut in_list = false;
    for line in output.lines() {
        if line == "failures:" {
            in_list = true;
        } else if line.starts_with("test result: ") {
            in_list = false;
        } else if let Some(name) = section(line) {
            in_list = false;
            failures.push(Failure {
                name: name.to_owned(),
                output: String::new(),
            });
        } else if in_list && line.starts_with("    ") {
            let name = line.trim();
            if !failures.iter().any(|failure| failure.name == name) {
                failures.push(Failure {
                    name: name.to_owned(),
                    output: String::new(),
                });
            }
        } else if let (false, Some(failure)) = (in_list, failures.last_mut()) {
            failure.output.push_str(line);
            failure.output.push('\n');
        }
    }
    for failure in &mut failures {
        failure.output.truncate(failure.output.trim_end().len());
    }
    failures
}

fn section(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

/// The test that had begun and not ended, or else the last one that there was.
pub(super) fn started_last(output: &str) -> Option<&str> {
    let started = output
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("test "));
    Some(started?.split_once(" ... ")?.0)
}

fn end_of(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let end = lines
        .get(lines.len().saturating_sub(LAST_LINES)..)
        .unwrap_or_default();
    end.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &str = "
running 4 tests
test adding_twice ... FAILED
test listing ... ok
test slow ... ignored, takes an hour
test zeroing ... FAILED

failures:

---- adding_twice stdout ----

thread 'adding_twice' panicked at tests/tests/client/services.rs:3:5:
no such luck
note: run with `RUST_BACKTRACE=1`


failures:
    adding_twice
    zeroing

test result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    #[test]
    fn failed_tests_are_named_with_their_output() {
        let results = read(MIXED.as_bytes(), &Ok(Exit::Status(101)), 4);
        assert_eq!((results.passed, results.ignored, results.lost), (1, 1, 0));
        let [first, second] = results.failures.as_slice() else {
            panic!("{results:?}")
        };
        assert_eq!(first.name, "adding_twice");
        assert!(first.output.contains("no such luck"), "{}", first.output);
        assert_eq!(
            (second.name.as_str(), second.output.as_str()),
            ("zeroing", "")
        );
    }

    #[test]
    fn a_crash_fails_the_test_that_ran_and_loses_those_after_it() {
        let output = b"running 4 tests\ntest one ... ok\ntest two ... FAILED\ntest three ... ";
        let results = read(output, &Ok(Exit::Signal(11)), 4);
        assert_eq!((results.passed, results.lost), (1, 1));
        let [failed, failure] = results.failures.as_slice() else {
            panic!("{results:?}")
        };
        assert_eq!(failed.name, "two");
        assert_eq!(failure.name, "three");
        assert!(
            failure
                .output
                .starts_with("the program was killed by signal 11"),
            "{}",
            failure.output
        );
    }

    #[test]
    fn a_kernel_that_hangs_fails_the_test_that_ran() {
        let end = Err("the kernel hangs".to_owned());
        let results = read(b"running 1 test\ntest forever ... ", &end, 1);
        let [failure] = results.failures.as_slice() else {
            panic!("{results:?}")
        };
        assert_eq!(failure.name, "forever");
        assert!(
            failure.output.starts_with("the kernel hangs"),
            "{}",
            failure.output
        );
    }

    #[test]
    fn silence_is_no_success() {
        let results = read(b"", &Ok(Exit::Status(0)), 2);
        assert_eq!((results.passed, results.lost), (0, 2));
    }

    #[test]
    fn output_between_a_test_and_its_result_does_not_matter() {
        let output = b"running 1 test\ntest noisy ... listening\nok\n\ntest result: ok. 1 passed; \
            0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
        let results = read(output, &Ok(Exit::Status(0)), 1);
        assert_eq!(
            results,
            Results {
                passed: 1,
                ..Results::default()
            }
        );
    }
}
