//! The demo: a whole site is built, used and taken down. One virtual IP serves two web sites, with
//! balancing on layer 4 in front of nginx on layer 7.
//!
//! The lab connects the hosts and starts Debian's nginx and apache. `ipvs-rs` does everything else that a
//! director and its real servers need, host by host, as an operator would do it.

mod hosts;
mod requests;
mod script;
mod snapshot;
mod stage;
mod web;

use std::io::{self, Write};

pub use self::stage::Outcome;
use self::stage::Stage;

/// Plays the demo and writes its story to `out`. Returns whether an expectation failed.
pub fn run(out: &mut (dyn Write + Send), color: bool) -> io::Result<bool> {
    let outcome = play(out, color);
    writeln!(out)?;
    for expectation in &outcome.failed {
        writeln!(out, "failed expectation: {expectation}")?;
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

/// Plays the demo. Returns its outcome.
///
/// # Panics
///
/// If the site cannot be built, or outside the lab, because the demo writes to `/etc/hosts`.
pub fn play(out: &mut (dyn Write + Send), color: bool) -> Outcome {
    assert!(
        std::env::var_os("IPVS_LAB").is_some(),
        "the demo changes /etc/hosts, so it runs only in the lab: cargo lab demo"
    );
    let mut stage = Stage::build(out, color);
    script::play(&mut stage);
    stage.outcome()
}
