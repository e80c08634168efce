use ipvs::{Client, Destination};

use super::Outcome;
use super::service::NOTHING_TO_CHANGE;
use crate::args::{AddDestination, DestinationSettings, EditDestination};

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
