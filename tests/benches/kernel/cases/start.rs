//! Lists an empty table, so that only the time of starting is left.

use super::{Case, Unit, side};
use crate::children::time;

pub(super) fn up() -> Case {
    Case {
        name: "start-up, list of nothing".to_owned(),
        unit: Unit::Microseconds,
        per: 1,
        sides: vec![
            side("true", || time("true", &[], None)),
            side("ipvs-rs list", || time("ipvs-rs", &["list"], None)),
            side("ipvsadm -Ln", || time("ipvsadm", &["-Ln"], None)),
        ],
    }
}
