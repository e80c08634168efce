//! Medians and their ratios.

use std::fmt;

use ipvs_lab::in_namespace;
use serde::{Deserialize, Serialize};

use crate::cases::{Case, Unit};
use crate::targets::{self, Target};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    rounds: usize,
    kernel: String,
    processor: String,
    cases: Vec<Measured>,
    targets: Vec<Target>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    name: String,
    unit: Unit,
    /// By how much that is divided for one.
    per: u32,
    sides: Vec<Median>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Median {
    name: String,
    rounds: usize,
    value: f64,
    each: f64,
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
            processor: processor(),
            cases: Vec::new(),
            targets: Vec::new(),
        }
    }

    /// Each side in turn, round after round: what else the machine does disturbs all alike.
    pub(crate) fn add(&mut self, case: &Case) {
        let mut all: Vec<Vec<f64>> = case.sides.iter().map(|_| Vec::new()).collect();
        for round in 0..self.rounds {
            for (side, values) in case.sides.iter().zip(&mut all) {
                if round < side.rounds {
                    values.push(in_namespace(|| (side.measure)()));
                }
            }
        }
        let medians: Vec<f64> = all.iter_mut().map(|values| median(values)).collect();
        let (first, last) = (medians[0], medians[medians.len() - 1]);
        let sides = case.sides.iter().zip(medians).zip(&all);
        self.cases.push(Measured {
            name: case.name.clone(),
            unit: case.unit,
            per: case.per,
            sides: sides
                .map(|((side, median), values)| Median {
                    name: side.name.to_owned(),
                    rounds: values.len(),
                    value: median,
                    each: median / f64::from(case.per),
                    to_the_first: median / first,
                    to_the_last: median / last,
                })
                .collect(),
        });
    }

    /// Compares what was measured with what is to be reached.
    pub(crate) fn judge(&mut self) {
        self.targets = targets::all(self);
    }

    pub(crate) fn median(&self, case: &str, side: &str) -> Option<f64> {
        Some(self.side(case, side)?.value)
    }

    pub(crate) fn each(&self, case: &str, side: &str) -> Option<f64> {
        Some(self.side(case, side)?.each)
    }

    fn side(&self, case: &str, side: &str) -> Option<&Median> {
        let case = self.cases.iter().find(|it| it.name == case)?;
        case.sides.iter().find(|it| it.name == side)
    }

    /// What one rule costs a side, by how many there are.
    pub(crate) fn restored(&self, side: &str) -> Vec<(f64, f64)> {
        let cases = self.cases.iter();
        let restores = cases.filter(|case| is_restore_of_tens(&case.name));
        let mut points: Vec<_> = restores
            .filter_map(|case| {
                let each = case.sides.iter().find(|it| it.name == side)?.each;
                Some((f64::from(case.per), each))
            })
            .collect();
        points.sort_by(|(one, _), (another, _)| one.total_cmp(another));
        points
    }

    /// Whether every instruction takes many of the machine's.
    pub(crate) fn is_emulated(&self) -> bool {
        self.processor.contains("QEMU")
    }

    pub(crate) fn kernel(&self) -> &str {
        &self.kernel
    }
}

fn is_restore_of_tens(name: &str) -> bool {
    name.starts_with("restore ") && name.ends_with(" x 10")
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':'));
    name.map_or("", |(_, name)| name).trim().to_owned()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kernel, rounds) = (&self.kernel, self.rounds);
        writeln!(f, "Linux {kernel}, medians of {rounds} rounds")?;
        for case in &self.cases {
            let unit = match case.unit {
                Unit::Microseconds => "µs",
                Unit::Kibibytes => "KiB",
            };
            writeln!(f, "\n{}", case.name)?;
            for side in &case.sides {
                writeln!(
                    f,
                    "  {:<30} {:>12.0} {unit:<3} {:>10.2} each   {:>8.3} of the first {:>8.4} of the last",
                    side.name, side.value, side.each, side.to_the_first, side.to_the_last,
                )?;
            }
        }
        if !self.targets.is_empty() {
            writeln!(f, "\ntargets")?;
        }
        let mut targets = self.targets.iter();
        targets.try_for_each(|target| writeln!(f, "{target}"))
    }
}
