pub(crate) mod args;
pub(crate) mod drain;

use std::io::Write;

use ipvs::{Client, Destination, Drained};

use super::Outcome;
use super::service::NOTHING_TO_CHANGE;
use crate::command::{
    AddDestination, DestinationSettings, DrainDestination, EditDestination, Form,
};
use crate::shown as output;

pub(crate) fn add(client: &mut Client, arguments: &AddDestination) -> Outcome {
    let mut destination = Destination::new(arguments.destination.id());
    set(&mut destination, &arguments.settings);
    Ok(client.add_destination(arguments.destination.service(), &destination)?)
}

pub(crate) fn edit(client: &mut Client, arguments: &EditDestination) -> Outcome {
    if arguments.settings.is_empty() {
        return Err(NOTHING_TO_CHANGE.into());
    }
    let (service, id) = (arguments.destination.service(), arguments.destination.id());
    client.edit_destination(service, id, |destination| {
        set(destination, &arguments.settings);
    })?;
    Ok(())
}

pub(crate) fn drain(
    client: &mut Client,
    arguments: &DrainDestination,
    form: Form,
    out: &mut dyn Write,
) -> Outcome {
    let (service, id) = (arguments.destination.service(), arguments.destination.id());
    let mut draining = output::Draining::on_standard_error();
    let drained =
        client.drain_destination(service, id, &arguments.drain(), |left| draining.show(left));
    let last = draining.end();
    let drained = drained?;
    let deleted = arguments.delete && drained == Drained::Empty;
    if deleted {
        client.delete_destination(service, id)?;
    }
    if form == Form::Json {
        output::json(&output::DrainEnd::new(drained, deleted, last), out)?;
    }
    match drained {
        Drained::Empty => Ok(()),
        Drained::TimeOver(left) => Err(output::time_over(&left).into()),
    }
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
