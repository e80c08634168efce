use std::io::Write;

use ipvs::{Client, Error, ListedServiceId, Listing, ServiceId};

use super::Outcome;
use crate::command::Form;
use crate::shown as output;

/// The list of somebody who may not ask for all of it.
pub(crate) fn list(
    client: &Client,
    named: Option<ServiceId>,
    form: Form,
    out: &mut dyn Write,
) -> Outcome {
    let mut listing = client.listing()?;
    if let Some(id) = named {
        if matches!(id, ServiceId::Fwmark { .. }) {
            // Marks are listed without their family: it may be another one.
            return Err(Error::PermissionDenied.into());
        }
        let wanted = ListedServiceId::from(id);
        listing.services.retain(|service| service.id == wanted);
        if listing.services.is_empty() {
            return Err(Error::ServiceNotFound(id).into());
        }
    }
    sort(&mut listing);
    output::note_what_is_missing();
    match form {
        Form::Table => output::listing(&listing, out),
        Form::Json => output::json(&output::Listed::new(&listing), out),
    }
}

/// The kernel's order is that of its hash tables; this is that of the list with privilege.
fn sort(listing: &mut Listing) {
    listing.services.sort_by_key(|service| service.id);
    for service in &mut listing.services {
        service
            .destinations
            .sort_by_key(|destination| destination.id);
    }
}
