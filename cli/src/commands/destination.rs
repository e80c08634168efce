//! `add-destination`, `edit-destination`, `drain-destination`, `delete-destination`.

mod args;
mod drain;

use clap::Subcommand;
use ipvs::{Client, Destination};

use self::args::{AddDestination, DeleteDestination, DestinationSettings, EditDestination};
use self::drain::DrainDestination;
use crate::ending::{Ended, Failure, Outcome};
use crate::session::Session;
use crate::typed::{Deferred, NOTHING_TO_CHANGE};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a destination: a real server behind a service
    #[command(
        name = "add-destination",
        after_help = "Examples:\n  \
        ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.12\n  \
        ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.13:8080 -m -w 5\n  \
        ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.20.12 --tunnel gue,port=6080"
    )]
    Add(Deferred<AddDestination>),
    /// Change a destination; what is not named stays as it is
    #[command(
        name = "edit-destination",
        after_help = "To take a server out of service without cutting connections:\n  \
        ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -w 0"
    )]
    Edit(Deferred<EditDestination>),
    /// Give a destination weight 0, and wait until nothing uses it
    #[command(
        name = "drain-destination",
        after_help = "Example:\n  \
        ipvs-rs drain-destination -t 10.10.10.100:80 -r 10.10.10.12 --timeout 5m --delete\n\n\
        It waits for established connections. UDP flows and what came by a mark have no end that \
        could be seen: they must be forgotten, which `timeouts` decides. Persistent clients must \
        be forgotten too, unless `sysctl net.ipv4.vs.expire_quiescent_template=1` sends them to \
        other destinations.\n\n\
        The weight stays 0 however it ends, also after Ctrl-C, or when time is over, which is exit \
        status 1. To give it connections again:\n  \
        ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -w 1"
    )]
    Drain(Deferred<DrainDestination>),
    /// Delete a destination; its connections are cut (drain-destination lets them end)
    #[command(name = "delete-destination")]
    Delete(Deferred<DeleteDestination>),
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let mut ipvs = session.ipvs()?;
        Ended::of(match self {
            Self::Add(Deferred(arguments)) => add(&mut ipvs, &arguments),
            Self::Edit(Deferred(arguments)) => edit(&mut ipvs, &arguments),
            Self::Drain(Deferred(arguments)) => drain::drain(&mut ipvs, &arguments, session),
            Self::Delete(Deferred(DeleteDestination { destination })) => {
                Ok(ipvs.delete_destination(destination.service(), destination.id())?)
            }
        })
    }
}

fn add(client: &mut Client, arguments: &AddDestination) -> Outcome {
    let mut destination = Destination::new(arguments.destination.id());
    set(&mut destination, &arguments.settings);
    Ok(client.add_destination(arguments.destination.service(), &destination)?)
}

fn edit(client: &mut Client, arguments: &EditDestination) -> Outcome {
    if arguments.settings.is_empty() {
        return Err(NOTHING_TO_CHANGE.into());
    }
    let (service, id) = (arguments.destination.service(), arguments.destination.id());
    client.edit_destination(service, id, |destination| {
        set(destination, &arguments.settings);
    })?;
    Ok(())
}

/// Changes what is named.
fn set(destination: &mut Destination, settings: &DestinationSettings) {
    if let Some(forwarding) = settings.forwarding() {
        destination.forwarding = forwarding;
    }
    if let Some(weight) = settings.weight {
        destination.weight = weight;
    }
    if let Some(threshold) = settings.upper_threshold {
        destination.upper_threshold = threshold.0;
    }
    if let Some(threshold) = settings.lower_threshold {
        destination.lower_threshold = threshold.0;
    }
}
