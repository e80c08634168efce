use std::io::{self, IsTerminal, Stderr};
use std::time::Duration;

use clap::Args;
use ipvs::{Client, Drain, DrainProgress, Drained, duration};
use serde::Serialize;

use super::args::OneDestination;
use crate::ending::Outcome;
use crate::session::Session;
use crate::shown::Line;
use crate::typed::{self, AsOptions};

#[derive(Args, Debug)]
pub(crate) struct DrainDestination {
    #[command(flatten)]
    destination: OneDestination,
    /// Stop waiting after this long: 300, 300s or 5m [default: wait as long as it takes]
    #[arg(long, value_name = "TIME", value_parser = typed::duration, allow_negative_numbers = true)]
    timeout: Option<Duration>,
    /// Delete the destination when it is drained
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
    let weight = ipvs.destination(service, id)?.destination.weight;
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
        Drained::TimedOut(left) => Err(timed_out(arguments, weight, &left).into()),
        _ => Ok(()),
    }
}

/// Shows on standard error which connections are left while a destination is drained.
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
        // If standard error cannot be written to, the drain goes on.
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

    /// Ends the progress line; returns the last progress.
    fn end(self) -> Option<DrainProgress> {
        let _ = self.line.end();
        self.last
    }
}

const HELD: &str = "warning: persistent clients are still sent to this server at weight 0 \
                    (expire_quiescent_template is off); to send them elsewhere: `sysctl \
                    net.ipv4.vs.expire_quiescent_template=1`";

/// What is left, and how to give the destination the weight that it had before.
fn timed_out(arguments: &DrainDestination, weight: u32, left: &DrainProgress) -> String {
    let (service, id) = (arguments.destination.service(), arguments.destination.id());
    let limit = arguments.timeout.map(duration::display);
    let after = limit.map_or(String::new(), |limit| format!(" after {limit}"));
    let left = in_words(left);
    let stays = format!("timed out{after}; {left}. {id} stays at weight 0");
    if weight == 0 {
        return stays;
    }
    let service = AsOptions(service);
    format!("{stays}; to undo this: `ipvs-rs edit-destination {service} -r {id} -w {weight}`")
}

fn in_words(left: &DrainProgress) -> String {
    let (active, inactive) = (left.active_connections, left.inactive_connections);
    let connections = format!("connections left: {active} active, {inactive} inactive");
    match left.persistent_connections {
        0 => connections,
        clients => format!("{connections}; persistent clients: {clients}"),
    }
}

/// The result of a drain as JSON.
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
