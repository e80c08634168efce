//! The targets: ratios that a release must not exceed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::report::Report;

/// A ratio and its limit.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    what: String,
    at_most: f64,
    measured: f64,
    reached: bool,
}

const GROWTH: &str = "cost of a rule, 10000 x 10 / 300 x 10";

/// Those of the table whose cases were measured.
pub(crate) fn all(report: &Report) -> Vec<Target> {
    let ratio = |case: &str, side: &str, of: &str| {
        Some(report.median(case, side)? / report.median(case, of)?)
    };
    let each = |case: &str, side: &str| report.each(case, side);
    let growth = |side| {
        let (large, small) = ("restore 10000 x 10", "restore 300 x 10");
        Some(each(large, side)? / each(small, side)?)
    };
    let of = |case: &str, side: &str, of: &str, at_most: f64| {
        target(
            format!("{case}: {side} / {of}"),
            at_most,
            ratio(case, side, of),
        )
    };
    let qemu = report.is_emulated();
    let restored = |size| format!("restore {size}");
    let growth_beside = |side: &str| {
        let floors = growth("floor").map(|floor| format!(" (the floor's {floor:.2})"));
        format!("{GROWTH}: {side}{}", floors.unwrap_or_default())
    };
    let memory = report.median("peak memory, 10000 x 10", "ipvs-rs restore");
    let targets = [
        of(&restored("300 x 10"), "library", "floor", 1.25),
        of(&restored("10000 x 10"), "library", "floor", 1.25),
        of(
            &restored("300 x 10"),
            "ipvs-rs restore",
            "ipvsadm -R",
            if qemu { 1.0 / 20.0 } else { 1.0 / 40.0 },
        ),
        of(
            &restored("10000 x 10"),
            "ipvs-rs restore",
            "ipvsadm -R",
            1.0 / 150.0,
        ),
        of("list 300 x 10", "library", "floor", 1.25),
        of("read the table twice, 300 x 10", "library", "floor", 1.25),
        of("list 300 x 10", "ipvs-rs list", "ipvsadm -Ln", 1.0 / 5.0),
        of("list 10000 x 10", "ipvs-rs list", "ipvsadm -Ln", 1.0 / 8.0),
        target(growth_beside("library"), 1.3, growth("library")),
        target(
            growth_beside("ipvs-rs restore"),
            1.3,
            growth("ipvs-rs restore"),
        ),
        target(
            "peak memory of restore, 10000 x 10, MiB".to_owned(),
            32.0,
            memory.map(|kibibytes| kibibytes / 1024.0),
        ),
        of(
            "start-up, list of nothing",
            "ipvs-rs list",
            "ipvsadm -Ln",
            1.1,
        ),
    ];
    targets.into_iter().flatten().collect()
}

fn target(what: String, at_most: f64, measured: Option<f64>) -> Option<Target> {
    measured.map(|measured| Target {
        what,
        at_most,
        measured,
        reached: measured <= at_most,
    })
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.reached { "met" } else { "MISSED" };
        write!(
            f,
            "  {:<86} {:>8.4}  at most {:>8.4}  {verdict}",
            self.what, self.measured, self.at_most
        )
    }
}
