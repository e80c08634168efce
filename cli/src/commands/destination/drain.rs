use std::io::{self, IsTerminal, Stderr};
use std::time::Duration;

use clap::Args;
use ipvs::{Client, Drain, DrainProgress, Drained};
use serde::Serialize;

use super::args::OneDestination;
use crate::ending::Outcome;
use crate::session::Session;
use crate::shown::Line;
use crate::typed::duration;

#[derive(Args, Debug)]
pub(crate) struct DrainDestination {
    #[command(flatten)]
    destination: OneDestination,
    /// Wait no longer than this: 300, 300s or 5m [default: as long as it takes]
    #[arg(long, value_name = "TIME", value_parser = duration, allow_negative_numbers = true)]
    timeout: Option<Duration>,
    /// Delete it when nothing uses it any more
    #[arg(long)]
    delete: bool,
}

impl DrainDestination {
    fn drain(&self) -> Drain {
        match self.timeout {
            Some(limit) => Drain::new().within(limit),
            None => Drain::new(),
        }
    }
}

pub(crate) fn drain(
    ipvs: &mut Client,
    arguments: &DrainDestination,
    session: &mut Session<'_>,
) -> Outcome {
    let (service, id) = (arguments.destination.service(), arguments.destination.id());
    let mut draining = Draining::on_standard_error();
    let drained =
        ipvs.drain_destination(service, id, &arguments.drain(), |left| draining.show(left));
    let last = draining.end();
    let drained = drained?;
    let deleted = arguments.delete && drained == Drained::Empty;
    if deleted {
        ipvs.delete_destination(service, id)?;
    }
    session.show(&DrainEnd::new(drained, deleted, last), |_, _| Ok(()))?;
    match drained {
        Drained::Empty => Ok(()),
        Drained::TimeOver(left) => Err(time_over(&left).into()),
    }
}

/// What a destination still has while it is drained, on standard error.
struct Draining {
    line: Line<Stderr>,
    has_warned: bool,
    last: Option<DrainProgress>,
}

impl Draining {
    fn on_standard_error() -> Self {
        let stderr = io::stderr();
        let is_terminal = stderr.is_terminal();
        Self {
            line: Line::new(stderr, is_terminal),
            has_warned: false,
            last: None,
        }
    }

    fn show(&mut self, left: &DrainProgress) {
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
    fn end(self) -> Option<DrainProgress> {
        let _ = self.line.end();
        self.last
    }
}

const HELD: &str = "warning: persistent clients come again in spite of weight 0; `sysctl \
                    net.ipv4.vs.expire_quiescent_template=1` sends them elsewhere";

fn time_over(left: &DrainProgress) -> String {
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
struct DrainEnd {
    drained: bool,
    deleted: bool,
    #[serde(flatten)]
    left: Option<DrainProgress>,
}

impl DrainEnd {
    fn new(drained: Drained, deleted: bool, left: Option<DrainProgress>) -> Self {
        Self {
            drained: drained == Drained::Empty,
            deleted,
            left,
        }
    }
}
