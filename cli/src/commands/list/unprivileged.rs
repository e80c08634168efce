use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::time::Duration;

use ipvs::{Client, Error, ListedService, ListedServiceId, Listing, Netmask, Service, ServiceId};
use serde::Serialize;

use super::columns::{configuration_titles, destination_row, listed_name, service_row};
use super::ineffective::{self, note};
use super::selection::{Found, Selection};
use crate::ending::{Outcome, say};
use crate::session::{Form, Session};

/// Lists what can be read without privileges.
pub(crate) fn list(ipvs: &Client, selected: Selection, session: &mut Session<'_>) -> Outcome {
    let mut listing = ipvs.listing()?;
    if let Some(ServiceId::Fwmark { .. }) = selected.service {
        // The file lists marks without their address family, so this may be another service.
        return Err(Error::PermissionDenied.into());
    }
    let found = select(&mut listing, selected);
    selected.check(found)?;
    sort(&mut listing);
    say(WHAT_IS_MISSING);
    session.show(&Listed::new(&listing), |listed, out| {
        print(listed.listing, out)
    })?;
    if session.form() == Form::Table {
        let services = listing.services.iter().filter_map(known);
        services.filter_map(|service| note(&service)).for_each(say);
    }
    Ok(())
}

/// Keeps what is selected. Returns whether there is anything.
fn select(listing: &mut Listing, selected: Selection) -> Found {
    listing.services.retain_mut(|service| {
        let is_selected = match service.id {
            ListedServiceId::Address { protocol, endpoint } => {
                selected.has_service(ServiceId::Address { protocol, endpoint })
            }
            _ => selected.service.is_none(),
        };
        let destinations = &mut service.destinations;
        destinations.retain(|it| selected.has_destination(it.id));
        is_selected && (selected.real_server.is_none() || !destinations.is_empty())
    });
    if listing.services.is_empty() {
        Found::Nothing
    } else {
        Found::Something
    }
}

/// Sorts as the privileged list does; the kernel's order is that of its hash tables.
fn sort(listing: &mut Listing) {
    listing.services.sort_by_key(|service| service.id);
    for service in &mut listing.services {
        service
            .destinations
            .sort_by_key(|destination| destination.id);
    }
}

const WHAT_IS_MISSING: &str = "note: without CAP_NET_ADMIN in the initial user namespace, \
                               statistics and most options are not shown";

/// The unprivileged list as JSON.
#[derive(Serialize)]
struct Listed<'a> {
    source: &'static str,
    #[serde(flatten)]
    listing: &'a Listing,
}

impl<'a> Listed<'a> {
    fn new(listing: &'a Listing) -> Self {
        Self {
            source: "/proc/net/ip_vs",
            listing,
        }
    }
}

fn print(listing: &Listing, out: &mut dyn Write) -> io::Result<()> {
    let mut columns = configuration_titles();
    for service in &listing.services {
        service_row(
            &mut columns,
            &listed_name(service.id),
            &service.scheduler,
            &options(service),
        );
        for destination in &service.destinations {
            let numbers = [
                destination.weight,
                destination.active_connections,
                destination.inactive_connections,
            ];
            let (id, forwarding) = (&destination.id, &destination.forwarding);
            destination_row(&mut columns, id, forwarding, numbers, "");
        }
    }
    columns.print(out)
}

fn options(service: &ListedService) -> String {
    let mut options = Vec::new();
    if let Some(persistence) = service.persistence {
        options.push(format!("persistent {} ticks", persistence.timeout_ticks));
        let cut = persistence.netmask.filter(|netmask| !is_whole(*netmask));
        options.extend(cut.map(|netmask| format!("netmask {netmask}")));
    }
    if service.one_packet == Some(true) {
        options.push("one-packet".to_owned());
    }
    options.extend(known(service).as_ref().and_then(ineffective::mark));
    options.join(", ")
}

/// As much of the service as the file tells. None for a firewall mark: its family is not in the file.
fn known(listed: &ListedService) -> Option<Service> {
    let ListedServiceId::Address { protocol, endpoint } = listed.id else {
        return None;
    };
    let service = Service::new(ServiceId::Address { protocol, endpoint });
    Some(match listed.persistence {
        // The file has the timeout in ticks of an unknown length; any will do.
        Some(_) => service.persistent(Duration::from_secs(1)),
        None => service,
    })
}

/// Whether the netmask covers the whole address, which is the same as no netmask.
fn is_whole(netmask: Netmask) -> bool {
    matches!(
        netmask,
        Netmask::Ipv4(Ipv4Addr::BROADCAST) | Netmask::Ipv6(128)
    )
}
