use std::io::{self, IsTerminal, Stderr};

use ipvs::{DrainProgress, Drained};
use serde::Serialize;

use crate::shown::line::Line;

/// What a destination still has while it is drained, on standard error.
pub(crate) struct Draining {
    line: Line<Stderr>,
    has_warned: bool,
    last: Option<DrainProgress>,
}

impl Draining {
    pub(crate) fn on_standard_error() -> Self {
        let stderr = io::stderr();
        let is_terminal = stderr.is_terminal();
        Self {
            line: Line::new(stderr, is_terminal),
            has_warned: false,
            last: None,
        }
    }

    pub(crate) fn show(&mut self, left: &DrainProgress) {
        self.last = Some(*left);
        // Where nobody listens any more, waiting goes on.
        let _ = self.tell(left);
    }

    fn tell(&mut self, left: &DrainProgress) -> io::Result<()> {
        let is_held = left.is_held_by_persistence && left.persistent_connections > 0;
        if is_held && !self.has_warned {
            self.has_warned = true;
            self.line.say_above(HELD)?;
        }
        self.line.show(in_words(left))
    }

    /// What was shown last.
    pub(crate) fn end(self) -> Option<DrainProgress> {
        let _ = self.line.end();
        self.last
    }
}

const HELD: &str = "warning: persistent clients come again in spite of weight 0; `sysctl \
                    net.ipv4.vs.expire_quiescent_template=1` sends them elsewhere";

pub(crate) fn time_over(left: &DrainProgress) -> String {
    format!("time is over, the weight stays 0; {}", in_words(left))
}

fn in_words(left: &DrainProgress) -> String {
    let (active, inactive) = (left.active_connections, left.inactive_connections);
    let connections = format!("connections left: {active} active, {inactive} inactive");
    match left.persistent_connections {
        0 => connections,
        clients => format!("{connections}; persistent clients: {clients}"),
    }
}

/// The JSON of a draining that has ended.
#[derive(Serialize)]
pub(crate) struct DrainEnd {
    drained: bool,
    deleted: bool,
    #[serde(flatten)]
    left: Option<DrainProgress>,
}

impl DrainEnd {
    pub(crate) fn new(drained: Drained, deleted: bool, left: Option<DrainProgress>) -> Self {
        Self {
            drained: drained == Drained::Empty,
            deleted,
            left,
        }
    }
}
