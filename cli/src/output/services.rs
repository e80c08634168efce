use std::io::Write;

use ipvs::{
    Destination, DestinationStatus, Encapsulation, Forwarding, GreChecksum, GueChecksum, Service,
    Stats, VirtualServerStatus, duration,
};
use serde::Serialize;

use super::columns::Columns;
use crate::run::Outcome;

/// What of the services to show.
#[derive(Clone, Copy)]
pub(crate) enum View {
    Configuration,
    Stats,
    Rates,
}

/// The JSON of a list.
#[derive(Serialize)]
pub(crate) struct Services<'a> {
    pub(crate) services: &'a [VirtualServerStatus],
}

pub(crate) fn services(
    servers: &[VirtualServerStatus],
    view: View,
    out: &mut dyn Write,
) -> Outcome {
    match view {
        View::Configuration => configuration(servers).print(out)?,
        View::Stats => {
            let titles = [
                "Connections",
                "Packets in",
                "Packets out",
                "Bytes in",
                "Bytes out",
            ];
            counters(servers, titles, totals).print(out)?;
        }
        View::Rates => {
            let titles = [
                "Conns/s",
                "Packets in/s",
                "Packets out/s",
                "Bytes in/s",
                "Bytes out/s",
            ];
            counters(servers, titles, rates).print(out)?;
        }
    }
    Ok(())
}

/// The columns of a list that shows how services are configured, without rows.
pub(super) fn configuration_titles() -> Columns {
    let mut columns = Columns::new(2..5);
    columns.row(["Service", "Scheduler", "", "", "", "Options"]);
    columns.row([
        "  -> Destination",
        "Forwarding",
        "Weight",
        "Active",
        "Inactive",
        "",
    ]);
    columns
}

fn configuration(servers: &[VirtualServerStatus]) -> Columns {
    let mut columns = configuration_titles();
    for server in servers {
        let service = &server.service.service;
        let (name, scheduler) = (service.id.to_string(), service.scheduler.to_string());
        let empty = String::new;
        columns.row([
            name,
            scheduler,
            empty(),
            empty(),
            empty(),
            service_options(service),
        ]);
        for status in &server.destinations {
            let destination = &status.destination;
            columns.row([
                name_of(status),
                destination.forwarding.to_string(),
                destination.weight.to_string(),
                status.active_connections.to_string(),
                status.inactive_connections.to_string(),
                destination_options(destination),
            ]);
        }
    }
    columns
}

fn counters(
    servers: &[VirtualServerStatus],
    titles: [&str; 5],
    numbers: impl Fn(&Stats) -> [u64; 5],
) -> Columns {
    let row = |name: String, numbers: [u64; 5]| {
        std::iter::once(name).chain(numbers.map(|number| number.to_string()))
    };
    let mut columns = Columns::new(1..6);
    columns.row(["Service"]);
    columns.row(std::iter::once("  -> Destination").chain(titles));
    for server in servers {
        let status = &server.service;
        columns.row(row(status.service.id.to_string(), numbers(&status.stats)));
        for status in &server.destinations {
            columns.row(row(name_of(status), numbers(&status.stats)));
        }
    }
    columns
}

fn totals(stats: &Stats) -> [u64; 5] {
    [
        stats.connections,
        stats.incoming_packets,
        stats.outgoing_packets,
        stats.incoming_bytes,
        stats.outgoing_bytes,
    ]
}

fn rates(stats: &Stats) -> [u64; 5] {
    [
        stats.rates.connections_per_second,
        stats.rates.incoming_packets_per_second,
        stats.rates.outgoing_packets_per_second,
        stats.rates.incoming_bytes_per_second,
        stats.rates.outgoing_bytes_per_second,
    ]
}

fn name_of(status: &DestinationStatus) -> String {
    format!("  -> {}", status.destination.id)
}

fn service_options(service: &Service) -> String {
    let mut options = Vec::new();
    if let Some(persistence) = service.persistence {
        options.push(format!(
            "persistent {}",
            duration::display(persistence.timeout)
        ));
        options.extend(
            persistence
                .netmask
                .map(|netmask| format!("netmask {netmask}")),
        );
    }
    options.extend(
        service
            .persistence_engine
            .as_ref()
            .map(|engine| format!("engine {engine}")),
    );
    if service.one_packet {
        options.push("one-packet".to_owned());
    }
    let flags = service.scheduler_flags.names(&service.scheduler);
    options.extend(flags.into_iter().map(str::to_owned));
    options.join(", ")
}

fn destination_options(destination: &Destination) -> String {
    let mut options = Vec::new();
    if let Forwarding::Tunnel(tunnel) = destination.forwarding {
        options.push(tunnel_words(tunnel));
    }
    options.extend(
        destination
            .upper_threshold
            .map(|upper| format!("upper threshold {upper}")),
    );
    options.extend(
        destination
            .lower_threshold
            .map(|lower| format!("lower threshold {lower}")),
    );
    options.join(", ")
}

/// As it is typed: `gue,port=6080,csum`.
fn tunnel_words(tunnel: Encapsulation) -> String {
    match tunnel {
        Encapsulation::Gue { port, checksum } => {
            let checksum = match checksum {
                GueChecksum::None => "",
                GueChecksum::Full => ",csum",
                GueChecksum::Remote => ",remcsum",
            };
            format!("gue,port={port}{checksum}")
        }
        Encapsulation::Gre {
            checksum: GreChecksum::None,
        } => "gre".to_owned(),
        Encapsulation::Gre {
            checksum: GreChecksum::Full,
        } => "gre,csum".to_owned(),
        Encapsulation::Ipip => "ipip".to_owned(),
        Encapsulation::Other { kind, port, flags } => {
            format!("unknown tunnel {kind}, port {port}, flags {flags}")
        }
        _ => "unknown tunnel".to_owned(),
    }
}
