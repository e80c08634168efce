//! `list`.

mod columns;
mod ineffective;
mod selection;
mod unprivileged;

use clap::{Args, Subcommand};
use ipvs::{DestinationStatus, Error, ServiceStatus, VirtualServerStatus};
use serde::Serialize;

use self::columns::{ServiceList, View};
use self::ineffective::note;
use self::selection::Selection;
use crate::ending::{Ended, Failure, Outcome, say};
use crate::session::{Form, Session};
use crate::typed::{Deferred, Numeric, PerhapsService, RealServer};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List services and their destinations
    #[command(after_help = "Examples:\n  \
        ipvs-rs list\n  \
        ipvs-rs list -t 10.10.10.100:80 --stats\n  \
        ipvs-rs list -t 10.10.10.100\n  \
        ipvs-rs list -r 10.10.10.12\n  \
        ipvs-rs list --output json\n\n\
        -t 10.10.10.100 without a port lists all TCP services at this address.\n\n\
        Without CAP_NET_ADMIN the list comes from /proc/net/ip_vs, which has no statistics and not \
        all options.\n\n\
        Exit status: 0 listed, 1 there is no such service or access was denied, 2 wrong usage.")]
    List(Deferred<List>),
}

#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    service: PerhapsService,
    /// Show only this real server, in the services that have it; without a port, at every port
    #[arg(short, long, value_name = "ADDRESS[:PORT]")]
    real_server: Option<RealServer>,
    /// Show counters: connections, packets and bytes
    #[arg(long, conflicts_with = "rate")]
    stats: bool,
    /// Show rates per second, averaged over about eight seconds
    #[arg(long)]
    rate: bool,
    #[command(flatten)]
    numeric: Numeric,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let Self::List(Deferred(arguments)) = self;
        Ended::of(list(&arguments, session))
    }
}

fn list(arguments: &List, session: &mut Session<'_>) -> Outcome {
    let view = match arguments {
        List { stats: true, .. } => View::Stats,
        List { rate: true, .. } => View::Rates,
        _ => View::Configuration,
    };
    let selected = Selection {
        service: arguments.service.id(),
        real_server: arguments.real_server,
    };
    let mut ipvs = session.ipvs()?;
    let listed = match session.form() {
        Form::Table => {
            let (mut list, mut notes) = (ServiceList::new(view), Vec::new());
            let add = |service: &ServiceStatus, destinations: &[_]| {
                list.add(service, destinations);
                notes.extend(note(&service.service));
            };
            selected.read(&mut ipvs, add).map(|found| {
                selected.check(found)?;
                session.print(|out| list.print(out))?;
                notes.iter().for_each(say);
                Ok(())
            })
        }
        Form::Json => {
            let mut services = Vec::new();
            let add = |service: &ServiceStatus, destinations: &[DestinationStatus]| {
                let destinations = destinations.iter().copied();
                services.push(VirtualServerStatus::new(service.clone(), destinations));
            };
            selected.read(&mut ipvs, add).map(|found| {
                selected.check(found)?;
                session.show(&Services { services }, |_, _| Ok(()))
            })
        }
    };
    match (listed, view) {
        (Err(Error::PermissionDenied), View::Configuration) => {
            unprivileged::list(&ipvs, selected, session)
        }
        (listed, _) => listed?,
    }
}

/// The list as JSON.
#[derive(Serialize)]
struct Services {
    services: Vec<VirtualServerStatus>,
}
