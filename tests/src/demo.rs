//! The whole site, from nothing to nothing: one address, two web sites, layer 4 before layer 7.
//!
//! The lab lays the cables and starts Debian's nginx and apache. Everything that a director and its
//! real servers need is done by `ipvs-rs`, host by host, as an operator would do it.

mod hosts;
mod requests;
mod script;
mod snapshot;
mod stage;
mod web;

use std::io::{self, Write};

pub use self::stage::Outcome;
use self::stage::Stage;

/// Plays the demo and tells it to `out`; whether anything went wrong.
pub fn run(out: &mut (dyn Write + Send), color: bool) -> io::Result<bool> {
    let outcome = play(out, color);
    writeln!(out)?;
    for expectation in &outcome.failed {
        writeln!(out, "not as expected: {expectation}")?;
    }
    let end = match outcome.failed.len() {
        0 => "everything as expected".to_owned(),
        1 => "1 expectation failed".to_owned(),
        many => format!("{many} expectations failed"),
    };
    writeln!(
        out,
        "{} requests, {} errors; {end}",
        outcome.requests, outcome.errors
    )?;
    Ok(!outcome.failed.is_empty())
}

/// Plays the demo; what came of it.
///
/// # Panics
///
/// If the site cannot be built, and outside the lab: it writes to `/etc/hosts`.
pub fn play(out: &mut (dyn Write + Send), color: bool) -> Outcome {
    assert!(
        std::env::var_os("IPVS_LAB").is_some(),
        "this changes /etc/hosts, which must be the lab's: cargo lab demo"
    );
    let mut stage = Stage::build(out, color);
    script::play(&mut stage);
    stage.outcome()
}
