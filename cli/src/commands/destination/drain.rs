use std::io::{self, IsTerminal, Stderr, Write};
use std::time::Duration;

use clap::{Args, ValueEnum};
use ipvs::{
    Client, Destination, DestinationId, Drain, DrainProgress, DrainUntil, Drained, ServiceId,
    duration,
};
use serde::Serialize;

use super::chosen::{Chosen, Destinations, command, each, plan};
use super::new_clients;
use crate::ending::Outcome;
use crate::session::last_words::LastWords;
use crate::session::{NetnsName, Session};
use crate::shown::{Line, shell};
use crate::typed;

#[derive(Args, Debug)]
pub(crate) struct DrainDestination {
    #[command(flatten)]
    destinations: Destinations,
    /// What to wait for: none-remembered, until the kernel remembers no connection, so that deleting the
    /// destination cuts none; none-active, which does not wait for connections that one side has closed
    #[arg(
        long,
        value_name = "STATE",
        value_enum,
        hide_possible_values = true,
        default_value_t = Until::NoneRemembered
    )]
    until: Until,
    /// Stop waiting after this long: 300, 300s or 5m [default: wait as long as it takes]
    #[arg(long, value_name = "TIME", value_parser = typed::duration, allow_negative_numbers = true)]
    timeout: Option<Duration>,
    /// Delete the destination when it is drained
    #[arg(long)]
    delete: bool,
    /// Drain it even if no other destination takes new clients
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Until {
    NoneRemembered,
    NoneActive,
}

impl DrainDestination {
    fn drain(&self) -> Drain {
        let drain = Drain::new().until(match self.until {
            Until::NoneRemembered => DrainUntil::NoneRemembered,
            Until::NoneActive => DrainUntil::NoneActive,
        });
        match self.timeout {
            Some(limit) => drain.within(limit),
            None => drain,
        }
    }
}

pub(crate) fn drain(
    ipvs: &mut Client,
    arguments: &DrainDestination,
    session: &mut Session<'_>,
) -> Outcome {
    let chosen = arguments.destinations.read(ipvs)?;
    if arguments.yes {
        new_clients::warn(ipvs, session, &chosen, out_of_service);
    } else {
        new_clients::refuse(ipvs, session, &chosen, out_of_service)?;
    }
    // Everywhere or nowhere. A single one is left to the drain, which also knows destinations that a plan
    // would refuse.
    if arguments.destinations.named().is_none() {
        ipvs.apply(&plan(&chosen, out_of_service))?;
    }
    let names = each(&chosen).map(|(service, destination)| (service, destination.id));
    let names: Vec<_> = names.collect();
    let last_words = LastWords::begin()?;
    let mut draining = Draining::on_standard_error(session.netns());
    let drained = ipvs.drain_destinations(&names, &arguments.drain(), |left| {
        last_words.set(interrupted(arguments, &chosen, left, session.netns()));
        draining.show(left);
    });
    let last = draining.end().unwrap_or_default();
    let drained = drained?;
    let deleted = arguments.delete && drained == Drained::Empty;
    if deleted {
        ipvs.apply(&plan(&chosen, |_| false))?;
    }
    drop(last_words);
    let end = DrainEnd::new(drained, deleted, last, &chosen);
    session.show(&end, DrainEnd::print)?;
    match drained {
        Drained::TimedOut(left) => {
            Err(timed_out(arguments, &chosen, &left, session.netns()).into())
        }
        _ => Ok(()),
    }
}

fn out_of_service(destination: &mut Destination) -> bool {
    destination.weight = 0;
    true
}

/// Shows on standard error which connections are left while a destination is drained.
struct Draining {
    line: Line<Stderr>,
    /// What is said once if persistence holds clients here.
    warning: Option<String>,
    last: Option<DrainProgress>,
}

impl Draining {
    fn on_standard_error(netns: Option<&NetnsName>) -> Self {
        let stderr = io::stderr();
        let is_terminal = stderr.is_terminal();
        Self {
            line: Line::new(stderr, is_terminal),
            warning: Some(held_by_persistence(netns)),
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
        if let Some(warning) = self.warning.take_if(|_| is_held) {
            self.line.say_above(&warning)?;
        }
        self.line.show(in_words(left))
    }

    /// Ends the progress line; returns the last progress.
    fn end(self) -> Option<DrainProgress> {
        let _ = self.line.end();
        self.last
    }
}

fn held_by_persistence(netns: Option<&NetnsName>) -> String {
    let setting = ["sysctl", "net.ipv4.vs.expire_quiescent_template=1"];
    let line = shell::Line::network(setting).within(netns);
    format!(
        "warning: persistent clients are still sent to this server at weight 0 \
         (expire_quiescent_template is off); to send them elsewhere: `{line}`"
    )
}

fn timed_out(
    arguments: &DrainDestination,
    chosen: &[Chosen],
    left: &DrainProgress,
    netns: Option<&NetnsName>,
) -> String {
    let limit = arguments.timeout.map(duration::display);
    let after = limit.map_or(String::new(), |limit| format!(" after {limit}"));
    let how = how_to_continue(arguments, chosen, netns);
    format!("timed out{after}; {}. {how}", in_words(left))
}

/// Below the progress line, which may be unfinished.
fn interrupted(
    arguments: &DrainDestination,
    chosen: &[Chosen],
    left: &DrainProgress,
    netns: Option<&NetnsName>,
) -> String {
    let below = if io::stderr().is_terminal() { "\n" } else { "" };
    let how = how_to_continue(arguments, chosen, netns);
    format!("{below}interrupted; {}. {how}", in_words(left))
}

/// The state in which an unfinished drain leaves the destinations, and the commands that go on and back.
fn how_to_continue(
    arguments: &DrainDestination,
    chosen: &[Chosen],
    netns: Option<&NetnsName>,
) -> String {
    let until = match arguments.until {
        Until::NoneRemembered => &[][..],
        Until::NoneActive => &["--until", "none-active"],
    };
    let delete = arguments.delete.then_some("--delete");
    let states = each(chosen).map(|(service, destination)| {
        let id = destination.id;
        format!("{id} of service {service} stays at weight 0")
    });
    let on = each(chosen).map(|(service, destination)| {
        let line = command("drain-destination", service, destination.id);
        let line = line.words(until).words(delete).within(netns);
        format!("    to go on: {line}")
    });
    let had_weight = each(chosen).filter(|(_, destination)| destination.weight > 0);
    let back = had_weight.map(|(service, destination)| {
        let weight = destination.weight.to_string();
        let line = command("edit-destination", service, destination.id);
        let line = line.words(["-w", &weight]).within(netns);
        format!("    to go back: {line}")
    });
    let lines: Vec<_> = states.chain(on).chain(back).collect();
    lines.join("\n")
}

fn in_words(left: &DrainProgress) -> String {
    let (active, inactive) = (left.active_connections, left.inactive_connections);
    let connections = format!("connections left: {active} active, {inactive} inactive");
    match left.persistent_connections {
        0 => connections,
        clients => format!("{connections}; persistent clients: {clients}"),
    }
}

/// The result of a drain.
#[derive(Serialize)]
struct DrainEnd {
    drained: bool,
    deleted: bool,
    #[serde(flatten)]
    left: DrainProgress,
    destinations: Vec<DrainedDestination>,
}

#[derive(Serialize)]
struct DrainedDestination {
    service: ServiceId,
    destination: DestinationId,
    previous_weight: u32,
}

impl DrainEnd {
    fn new(drained: Drained, deleted: bool, left: DrainProgress, chosen: &[Chosen]) -> Self {
        let destinations = each(chosen).map(|(service, destination)| DrainedDestination {
            service,
            destination: destination.id,
            previous_weight: destination.weight,
        });
        Self {
            drained: drained == Drained::Empty,
            deleted,
            left,
            destinations: destinations.collect(),
        }
    }

    /// What was drained. Why a drain failed is on standard error.
    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        if !self.drained {
            return Ok(());
        }
        for it in &self.destinations {
            write!(out, "drained {} of service {}", it.destination, it.service)?;
            if self.deleted {
                writeln!(out, ", deleted")?;
            } else {
                writeln!(out, "; its weight is 0, it was {}", it.previous_weight)?;
            }
        }
        let inactive = self.left.inactive_connections;
        match (inactive, self.deleted) {
            (0, _) => Ok(()),
            (_, true) => writeln!(out, "inactive connections that this cut: {inactive}"),
            (_, false) => writeln!(
                out,
                "inactive connections left: {inactive}; deleting the destination would cut them"
            ),
        }
    }
}
