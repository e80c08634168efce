//! `add-destination`, `edit-destination`, `drain-destination`, `delete-destination`.

mod args;
mod chosen;
mod drain;
mod new_clients;

use std::io::{self, Write};

use clap::Subcommand;
use ipvs::{Client, Destination, DestinationId, ServiceId};
use serde::Serialize;

use self::args::{AddDestination, DeleteDestination, DestinationSettings, EditDestination};
use self::chosen::{Chosen, each, plan};
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
        ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -x 1000 -y 900\n  \
        ipvs-rs edit-destination -r 10.10.10.12 -w 5\n\n\
        Without a service, the command changes the real server in every service that has it, or \
        nowhere if one change is refused. Connections stay. To take a real server out of service, use \
        drain-destination.\n\n\
        Exit status: 0 changed, 1 there is no such destination or it was refused, 2 wrong usage."
    )]
    Edit(Deferred<EditDestination>),
    /// Drain a destination: set its weight to 0 and wait until its connections have ended
    #[command(
        name = "drain-destination",
        after_help = "Examples:\n  \
        ipvs-rs drain-destination -t 10.10.10.100:80 -r 10.10.10.12 --timeout 5m --delete\n  \
        ipvs-rs drain-destination -r 10.10.10.12 --timeout 1h\n\n\
        Without a service, the command drains the real server in every service that has it.\n\n\
        By default the command waits until the kernel remembers no connection to the destination. \
        Then deleting it cuts none. The kernel remembers a closed TCP connection for two minutes. \
        With direct routing and tunnels, `timeouts --tcp-fin` changes this. --until none-active \
        does not wait for connections that one side has closed: deleting the destination cuts \
        them, for example a download whose client has closed its half.\n\n\
        Three settings of the kernel change how long a drain takes. `director up --reschedule` \
        sets them so that drains are short:\n  \
        expire_nodest_conn=1: a client that reuses a port gets another destination. Otherwise it \
        comes back to this one while its last connection is remembered\n  \
        expire_quiescent_template=1: persistent clients get another destination. Otherwise they \
        come back to this one, and the command waits until persistence has expired\n  \
        conn_reuse_mode=3: a client that reuses a port gets another destination once its last \
        connection has ended. With 1, the default, this works with masquerading only: with direct \
        routing and tunnels it comes back to this one for two minutes. With 0 it always comes \
        back\n\n\
        The weight stays 0 however the command ends, also after a timeout or Ctrl-C. The command \
        then prints how to go on and how to go back.\n\n\
        Exit status: 0 drained, 1 timed out, refused or failed, 2 wrong usage."
    )]
    Drain(Deferred<DrainDestination>),
    /// Delete a destination, which cuts its connections (drain-destination lets them end first)
    #[command(
        name = "delete-destination",
        after_help = "Example:\n  \
        ipvs-rs delete-destination -t 10.10.10.100:80 -r 10.10.10.12\n\n\
        Without a service, the command deletes the real server from every service that has it.\n\n\
        Exit status: 0 deleted, 1 there is no such destination or it was refused, 2 wrong usage."
    )]
    Delete(Deferred<DeleteDestination>),
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let mut ipvs = session.ipvs()?;
        Ended::of(match self {
            Self::Add(Deferred(arguments)) => add(&mut ipvs, &arguments),
            Self::Edit(Deferred(arguments)) => edit(&mut ipvs, &arguments, session),
            Self::Drain(Deferred(arguments)) => drain::drain(&mut ipvs, &arguments, session),
            Self::Delete(Deferred(arguments)) => delete(&mut ipvs, &arguments, session),
        })
    }
}

fn add(client: &mut Client, arguments: &AddDestination) -> Outcome {
    let mut destination = Destination::new(arguments.destination.id());
    set(&mut destination, &arguments.settings);
    Ok(client.add_destination(arguments.destination.service(), &destination)?)
}

fn edit(client: &mut Client, arguments: &EditDestination, session: &mut Session<'_>) -> Outcome {
    if arguments.settings.is_empty() {
        return Err(NOTHING_TO_CHANGE.into());
    }
    let chosen = arguments.destinations.read(client)?;
    let change = |destination: &mut Destination| {
        set(destination, &arguments.settings);
        true
    };
    new_clients::warn(client, session, &chosen, change);
    if let Some((service, id)) = arguments.destinations.named() {
        let edit = |destination: &mut Destination| set(destination, &arguments.settings);
        client.edit_destination(service, id, edit)?;
        return Ok(());
    }
    client.apply(&plan(&chosen, change))?;
    session.show(&Changed::of(&chosen), |all, out| all.print("changed", out))
}

fn delete(
    client: &mut Client,
    arguments: &DeleteDestination,
    session: &mut Session<'_>,
) -> Outcome {
    if let Some((service, id)) = arguments.destinations.named() {
        return Ok(client.delete_destination(service, id)?);
    }
    let chosen = arguments.destinations.read(client)?;
    if !arguments.yes {
        new_clients::refuse(client, session, &chosen, |_| false)?;
    }
    client.apply(&plan(&chosen, |_| false))?;
    session.show(&Changed::of(&chosen), |all, out| all.print("deleted", out))
}

/// The destinations that a command changed, one for each service that has the real server.
#[derive(Serialize)]
struct Changed {
    destinations: Vec<Named>,
}

/// A destination by its names.
#[derive(Serialize)]
struct Named {
    service: ServiceId,
    destination: DestinationId,
}

impl Changed {
    fn of(chosen: &[Chosen]) -> Self {
        let named = each(chosen).map(|(service, destination)| Named {
            service,
            destination: destination.id,
        });
        Self {
            destinations: named.collect(),
        }
    }

    fn print(&self, done: &str, out: &mut dyn Write) -> io::Result<()> {
        for Named {
            service,
            destination,
        } in &self.destinations
        {
            writeln!(out, "{done} {destination} of service {service}")?;
        }
        Ok(())
    }
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
