use std::io::Write;
use std::net::Ipv4Addr;

use ipvs::{ListedService, Listing, Netmask};
use serde::Serialize;

use super::columns::{configuration_titles, destination_row, service_row};
use crate::commands::Outcome;

/// The JSON of a list of somebody who may not ask for all of it.
#[derive(Serialize)]
pub(crate) struct Listed<'a> {
    source: &'static str,
    #[serde(flatten)]
    listing: &'a Listing,
}

impl<'a> Listed<'a> {
    pub(crate) fn new(listing: &'a Listing) -> Self {
        Self {
            source: "/proc/net/ip_vs",
            listing,
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "standard output is the list and nothing else"
)]
pub(crate) fn note_what_is_missing() {
    eprintln!(
        "note: statistics and most options are not shown: that needs CAP_NET_ADMIN (in the initial \
         user namespace)"
    );
}

pub(crate) fn listing(listing: &Listing, out: &mut dyn Write) -> Outcome {
    let mut columns = configuration_titles();
    for service in &listing.services {
        service_row(
            &mut columns,
            &service.id,
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
    columns.print(out)?;
    Ok(())
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
    options.join(", ")
}

/// Whether it equals none, which is not shown either.
fn is_whole(netmask: Netmask) -> bool {
    matches!(
        netmask,
        Netmask::Ipv4(Ipv4Addr::BROADCAST) | Netmask::Ipv6(128)
    )
}
