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
    /// Add a destination: a real server that a service sends connections to
    #[command(
        name = "add-destination",
        after_help = "Examples:\n  \
        ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.12\n  \
        ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.13:8080 -m -w 5\n  \
        ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.20.12 --tunnel gue,port=6080\n\n\
        With direct routing and tunnels the real server needs the virtual IP too: real-server up.\n\n\
        Exit status: 0 added, 1 it exists already or was refused, 2 wrong usage."
    )]
    Add(Deferred<AddDestination>),
    /// Change a destination; settings that you don't name stay as they are
    #[command(
        name = "edit-destination",
        after_help = "Examples:\n  \
        ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -w 5\n  \
        ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -x 1000 -y 900\n\n\
        Connections stay. To take a real server out of service, use drain-destination.\n\n\
        Exit status: 0 changed, 1 there is no such destination or it was refused, 2 wrong usage."
    )]
    Edit(Deferred<EditDestination>),
    /// Drain a destination: set its weight to 0 and wait until its connections have ended
    #[command(
        name = "drain-destination",
        after_help = "Example:\n  \
        ipvs-rs drain-destination -t 10.10.10.100:80 -r 10.10.10.12 --timeout 5m --delete\n\n\
        The command waits until the destination has no active connections. For UDP and \
        firewall-mark services it also waits until the inactive ones have expired, because the \
        kernel counts no UDP flow as active (`timeouts` shows when they expire). Persistent \
        clients must expire too, unless `sysctl net.ipv4.vs.expire_quiescent_template=1` sends \
        them to other destinations.\n\n\
        The weight stays 0 however the command ends, also after a timeout or Ctrl-C. To send the \
        destination new connections again:\n  \
        ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -w 1\n\n\
        Exit status: 0 drained, 1 timed out, refused or failed, 2 wrong usage."
    )]
    Drain(Deferred<DrainDestination>),
    /// Delete a destination, which cuts its connections (drain-destination lets them end first)
    #[command(
        name = "delete-destination",
        after_help = "Example:\n  \
        ipvs-rs delete-destination -t 10.10.10.100:80 -r 10.10.10.12\n\n\
        Exit status: 0 deleted, 1 there is no such destination or it was refused, 2 wrong usage."
    )]
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

/// Changes the settings that were named.
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
