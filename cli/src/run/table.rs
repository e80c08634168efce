use std::io::Write;

use ipvs::{Client, Error, ServiceId, VirtualServerStatus};

use super::{Outcome, listing};
use crate::args::{Form, List, PerhapsService, Timeouts};
use crate::output::{self, View};

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
    let servers = match named {
        Some(id) => one(client, id).map(|server| vec![server]),
        None => client.virtual_servers(),
    };
    let servers = match (servers, view) {
        (Err(Error::PermissionDenied), View::Configuration) => {
            return listing::list(client, named, form, out);
        }
        (servers, _) => servers?,
    };
    match form {
        Form::Table => output::services(&servers, view, out),
        Form::Json => output::json(&output::Services { services: &servers }, out),
    }
}

fn one(client: &mut Client, id: ServiceId) -> Result<VirtualServerStatus, Error> {
    let service = client.service(id)?;
    let destinations = client.destinations(id)?;
    Ok(VirtualServerStatus::new(service, destinations))
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
