pub(crate) mod columns;
mod run_unprivileged;
pub(crate) mod unprivileged;

use std::io::Write;

use ipvs::{Client, DestinationStatus, Error, ServiceId, ServiceStatus, VirtualServerStatus};

use self::run_unprivileged as listing;
use super::Outcome;
use crate::command::{Form, List, PerhapsService, Timeouts};
use crate::shown::{self as output, ServiceList, View};

pub(crate) fn list(
    client: &mut Client,
    arguments: &List,
    form: Form,
    out: &mut dyn Write,
) -> Outcome {
    let view = match arguments {
        List { stats: true, .. } => View::Stats,
        List { rate: true, .. } => View::Rates,
        _ => View::Configuration,
    };
    let named = arguments.service.id();
    let listed = match form {
        Form::Table => {
            let mut list = ServiceList::new(view);
            let add = |service: &ServiceStatus, destinations: &[_]| list.add(service, destinations);
            read(client, named, add).map(|()| list.print(out))
        }
        Form::Json => {
            let mut services = Vec::new();
            let add = |service: &ServiceStatus, destinations: &[DestinationStatus]| {
                let destinations = destinations.iter().copied();
                services.push(VirtualServerStatus::new(service.clone(), destinations));
            };
            read(client, named, add).map(|()| {
                let services = &services;
                output::json(&output::Services { services }, out)
            })
        }
    };
    match (listed, view) {
        (Err(Error::PermissionDenied), View::Configuration) => {
            listing::list(client, named, form, out)
        }
        (listed, _) => listed?,
    }
}

/// One service, or all of them one by one.
fn read(
    client: &mut Client,
    named: Option<ServiceId>,
    mut each: impl FnMut(&ServiceStatus, &[DestinationStatus]),
) -> Result<(), Error> {
    let Some(id) = named else {
        return client.for_each_virtual_server(each);
    };
    let (service, destinations) = (client.service(id)?, client.destinations(id)?);
    let server = VirtualServerStatus::new(service, destinations);
    each(&server.service, &server.destinations);
    Ok(())
}

pub(crate) fn timeouts(
    client: &mut Client,
    arguments: &Timeouts,
    form: Form,
    out: &mut dyn Write,
) -> Outcome {
    let mut wanted = ipvs::Timeouts::default();
    (wanted.tcp, wanted.tcp_fin, wanted.udp) = (arguments.tcp, arguments.tcp_fin, arguments.udp);
    if wanted != ipvs::Timeouts::default() {
        return Ok(client.set_timeouts(&wanted)?);
    }
    let timeouts = client.timeouts()?;
    match form {
        Form::Table => output::timeouts(&timeouts, out),
        Form::Json => output::json(&timeouts, out),
    }
}

pub(crate) fn sync_status(client: &mut Client, form: Form, out: &mut dyn Write) -> Outcome {
    let sync_daemons = client.sync_daemons()?;
    match form {
        Form::Table => output::sync_daemons(&sync_daemons, out),
        Form::Json => output::json(&output::SyncDaemons { sync_daemons }, out),
    }
}

pub(crate) fn zero(client: &mut Client, service: &PerhapsService) -> Outcome {
    match service.id() {
        Some(id) => client.zero_service(id)?,
        None => client.zero()?,
    }
    Ok(())
}

pub(crate) fn info(client: &mut Client, form: Form, out: &mut dyn Write) -> Outcome {
    let info = client.info()?;
    match form {
        Form::Table => output::info(info, out),
        Form::Json => output::json(&info, out),
    }
}
