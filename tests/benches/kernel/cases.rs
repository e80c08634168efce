//! What is measured, and against what.

mod latency;
mod list;
mod memory;
mod reload;
mod restore;
mod start;
mod vips;

use std::time::{Duration, Instant};

use crate::floor::Floor;
use crate::site::Site;

/// 3,300 rules.
const SMALL: Site = Site::new(300, 10, "rr");
/// 110,000 rules.
const LARGE: Site = Site::new(10_000, 10, "rr");

/// One thing that several sides do.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) unit: Unit,
    /// By how much the time of a side is divided: rules, or requests.
    pub(crate) per: u32,
    pub(crate) sides: Vec<Side>,
}

/// What of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Unit {
    #[serde(rename = "µs")]
    Microseconds,
    #[serde(rename = "KiB")]
    Kibibytes,
}

/// Who does it.
pub(crate) struct Side {
    pub(crate) name: &'static str,
    /// Measured in so many rounds at most: one that takes minutes is not measured seven times.
    pub(crate) rounds: usize,
    /// In a namespace of its own.
    pub(crate) measure: Box<dyn Fn() -> f64 + Send + Sync>,
}

fn side(name: &'static str, measure: impl Fn() -> Duration + Send + Sync + 'static) -> Side {
    Side {
        name,
        rounds: usize::MAX,
        measure: Box::new(move || measure().as_secs_f64() * 1e6),
    }
}

impl Side {
    /// One that takes long where there are many rules.
    fn slow_with(self, site: Site) -> Self {
        let rounds = if site.rules() > 20_000 {
            1
        } else {
            self.rounds
        };
        Self { rounds, ..self }
    }
}

/// What the table of figures has.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = vec![
        start::up(),
        latency::of_one(),
        restore::case(SMALL),
        list::case(SMALL),
        list::table(SMALL),
        list::save(SMALL),
        reload::case(SMALL),
        vips::of(vips::Role::Director),
        vips::of(vips::Role::RealServer),
    ];
    for scheduler in ["rr", "wrr", "mh"] {
        cases.push(restore::case(Site::new(1, 4000, scheduler)));
    }
    cases.extend([
        restore::case(LARGE),
        restore::formats(LARGE),
        list::case(LARGE),
        list::save(LARGE),
        memory::case(LARGE),
    ]);
    cases
}

/// What the plot has beside that: the same with fewer and more services.
pub(crate) fn growth() -> Vec<Case> {
    let services = [10, 30, 100, 1000, 3000];
    let sites = services.map(|services| Site::new(services, 10, "rr"));
    sites.map(restore::case).into()
}

fn fill(site: Site) {
    let mut floor = Floor::open();
    let encoded = floor.encode(site);
    floor.send(&encoded);
}

fn took(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}
