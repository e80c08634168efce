//! Medians, and what they are of each other.

use std::fmt;
use std::time::Duration;

use ipvs_lab::in_namespace;
use serde::Serialize;

use crate::cases::Case;

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    rounds: usize,
    kernel: String,
    cases: Vec<Measured>,
}

#[derive(Debug, Serialize)]
struct Measured {
    name: String,
    sides: Vec<Median>,
}

#[derive(Debug, Serialize)]
struct Median {
    name: &'static str,
    rounds: usize,
    microseconds: f64,
    microseconds_each: f64,
    /// Of the first side.
    to_the_first: f64,
    /// Of the last side.
    to_the_last: f64,
}

impl Report {
    pub(crate) fn new(rounds: usize) -> Self {
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
        Self {
            rounds,
            kernel: kernel.trim_end().to_owned(),
            cases: Vec::new(),
        }
    }

    /// Each side in turn, round after round: what else the machine does disturbs all alike.
    pub(crate) fn add(&mut self, case: &Case) {
        let mut times: Vec<Vec<Duration>> = case.sides.iter().map(|_| Vec::new()).collect();
        for round in 0..self.rounds {
            for (side, times) in case.sides.iter().zip(&mut times) {
                if round < side.rounds {
                    times.push(in_namespace(|| (side.measure)()));
                }
            }
        }
        let medians: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
        let (first, last) = (medians[0], medians[medians.len() - 1]);
        let sides = case.sides.iter().zip(medians).zip(&times);
        self.cases.push(Measured {
            name: case.name.clone(),
            sides: sides
                .map(|((side, microseconds), times)| Median {
                    name: side.name,
                    rounds: times.len(),
                    microseconds,
                    microseconds_each: microseconds / f64::from(case.per),
                    to_the_first: microseconds / first,
                    to_the_last: microseconds / last,
                })
                .collect(),
        });
    }
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Linux {}, medians of {} rounds",
            self.kernel, self.rounds
        )?;
        for case in &self.cases {
            writeln!(f, "\n{}", case.name)?;
            for side in &case.sides {
                writeln!(
                    f,
                    "  {:<30} {:>12.0} µs {:>10.2} µs each   {:>8.3} of the first {:>8.4} of the last",
                    side.name,
                    side.microseconds,
                    side.microseconds_each,
                    side.to_the_first,
                    side.to_the_last,
                )?;
            }
        }
        Ok(())
    }
}
