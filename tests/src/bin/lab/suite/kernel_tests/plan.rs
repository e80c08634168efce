//! Which tests run together, and what has become of them.

use std::collections::VecDeque;
use std::time::Duration;

use super::super::libtest::Results;
use super::super::programs::Program;

/// So many tests are started as one process. Few enough for guests to end at about the same time.
const TOGETHER: usize = 12;

/// Tests of one program that one process runs, one after the other.
pub(super) struct Part<'a> {
    pub(super) program: &'a Program,
    pub(super) tests: Vec<String>,
}

/// What came of a part.
pub(super) struct Ended {
    pub(super) program: String,
    pub(super) tests: usize,
    /// What the tests ran on.
    pub(super) place: String,
    pub(super) took: Duration,
    pub(super) results: Results,
}

/// A program all of whose tests have ended.
pub(super) struct Done {
    pub(super) program: String,
    pub(super) place: String,
    pub(super) took: Duration,
    pub(super) results: Results,
}

/// What is still to be run.
#[derive(Default)]
pub(super) struct Plan<'a> {
    parts: VecDeque<Part<'a>>,
}

/// How far the programs are.
pub(super) struct Programs {
    running: VecDeque<(Done, usize)>,
}

impl<'a> Plan<'a> {
    /// Adds the tests of a program.
    pub(super) fn add(&mut self, program: &'a Program, tests: &[String]) {
        let parts = tests.chunks(TOGETHER).map(|tests| Part {
            program,
            tests: tests.to_vec(),
        });
        self.parts.extend(parts);
    }

    /// How many processes it takes.
    pub(super) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Takes the next part out.
    pub(super) fn next(&mut self) -> Option<Part<'a>> {
        self.parts.pop_front()
    }

    /// The programs, none of whose tests has ended.
    pub(super) fn programs(&self) -> Programs {
        let mut running: VecDeque<(Done, usize)> = VecDeque::new();
        for part in &self.parts {
            let program = part.program.to_string();
            match running.back_mut() {
                Some((last, left)) if last.program == program => *left += part.tests.len(),
                _ => running.push_back((
                    Done {
                        program,
                        place: String::new(),
                        took: Duration::ZERO,
                        results: Results::default(),
                    },
                    part.tests.len(),
                )),
            }
        }
        Programs { running }
    }
}

impl Programs {
    /// Adds what came of a part.
    pub(super) fn take(&mut self, part: Ended) {
        let mut programs = self.running.iter_mut();
        let Some((done, left)) = programs.find(|(done, _)| done.program == part.program) else {
            return;
        };
        *left = left.saturating_sub(part.tests);
        done.place = part.place;
        done.took += part.took;
        done.results.add(part.results);
    }

    /// The first program, if nothing of it is left.
    pub(super) fn next_complete(&mut self) -> Option<Done> {
        let (_, left) = self.running.front()?;
        if *left > 0 {
            return None;
        }
        self.running.pop_front().map(|(done, _)| done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(program: &str, tests: usize) -> Ended {
        Ended {
            program: program.to_owned(),
            tests,
            place: "Linux".to_owned(),
            took: Duration::from_secs(1),
            results: Results {
                passed: tests,
                ..Results::default()
            },
        }
    }

    fn running(program: &str, left: usize) -> (Done, usize) {
        let done = Done {
            program: program.to_owned(),
            place: String::new(),
            took: Duration::ZERO,
            results: Results::default(),
        };
        (done, left)
    }

    #[test]
    fn programs_are_reported_in_their_order_when_all_of_their_parts_have_ended() {
        let mut programs = Programs {
            running: [running("a", 3), running("b", 1)].into(),
        };
        programs.take(ended("b", 1));
        programs.take(ended("a", 2));
        assert!(programs.next_complete().is_none());
        programs.take(ended("a", 1));
        let a = programs.next_complete().unwrap();
        assert_eq!((a.program.as_str(), a.results.passed), ("a", 3));
        assert_eq!(a.took, Duration::from_secs(2));
        assert_eq!(programs.next_complete().unwrap().program, "b");
        assert!(programs.next_complete().is_none());
    }
}
