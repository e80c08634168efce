//! `list`.

mod columns;
mod unprivileged;

use clap::{Args, Subcommand};
use ipvs::{Client, DestinationStatus, Error, ServiceId, ServiceStatus, VirtualServerStatus};
use serde::Serialize;

use self::columns::{ServiceList, View};
use crate::ending::{Ended, Failure, Outcome};
use crate::session::{Form, Session};
use crate::typed::{Deferred, Numeric, PerhapsService};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List services and their destinations
    #[command(
        after_help = "Without CAP_NET_ADMIN it shows what everybody may read, which is less: no \
        statistics, and not every option."
    )]
    List(Deferred<List>),
}

#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    service: PerhapsService,
    /// Show what was counted: connections, packets, bytes
    #[arg(long, conflicts_with = "rate")]
    stats: bool,
    /// Show rates: averages over some eight seconds
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
    let named = arguments.service.id();
    let mut ipvs = session.ipvs()?;
    let listed = match session.form() {
        Form::Table => {
            let mut list = ServiceList::new(view);
            let add = |service: &ServiceStatus, destinations: &[_]| list.add(service, destinations);
            read(&mut ipvs, named, add).map(|()| session.print(|out| list.print(out)))
        }
        Form::Json => {
            let mut services = Vec::new();
            let add = |service: &ServiceStatus, destinations: &[DestinationStatus]| {
                let destinations = destinations.iter().copied();
                services.push(VirtualServerStatus::new(service.clone(), destinations));
            };
            read(&mut ipvs, named, add)
                .map(|()| session.show(&Services { services }, |_, _| Ok(())))
        }
    };
    match (listed, view) {
        (Err(Error::PermissionDenied), View::Configuration) => {
            unprivileged::list(&ipvs, named, session)
        }
        (listed, _) => listed?,
    }
}

/// The JSON of a list.
#[derive(Serialize)]
struct Services {
    services: Vec<VirtualServerStatus>,
}

/// One service, or all of them one by one.
fn read(
    ipvs: &mut Client,
    named: Option<ServiceId>,
    mut each: impl FnMut(&ServiceStatus, &[DestinationStatus]),
) -> Result<(), Error> {
    let Some(id) = named else {
        return ipvs.for_each_virtual_server(each);
    };
    let (service, destinations) = (ipvs.service(id)?, ipvs.destinations(id)?);
    let server = VirtualServerStatus::new(service, destinations);
    each(&server.service, &server.destinations);
    Ok(())
}
