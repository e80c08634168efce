use std::fmt::Display;
use std::io::{self, Write};

use ipvs::{
    DestinationStatus, Family, Forwarding, ListedServiceId, Scheduler, Service, ServiceId,
    ServiceStatus, Stats, Unavailable, duration,
};

use super::ineffective;
use crate::shown::Columns;

/// What the list shows of each service.
#[derive(Clone, Copy)]
pub(crate) enum View {
    Configuration,
    Stats,
    Rates,
}

/// A list of services, filled one by one.
pub(crate) struct ServiceList {
    view: View,
    columns: Columns,
}

impl ServiceList {
    pub(crate) fn new(view: View) -> Self {
        let columns = match view {
            View::Configuration => configuration_titles(),
            View::Stats => counter_titles([
                "Connections",
                "Packets in",
                "Packets out",
                "Bytes in",
                "Bytes out",
            ]),
            View::Rates => counter_titles([
                "Conns/s",
                "Packets in/s",
                "Packets out/s",
                "Bytes in/s",
                "Bytes out/s",
            ]),
        };
        Self { view, columns }
    }

    pub(crate) fn add(&mut self, service: &ServiceStatus, destinations: &[DestinationStatus]) {
        let columns = &mut self.columns;
        match self.view {
            View::Configuration => configuration(columns, service, destinations),
            View::Stats => counters(columns, service, destinations, totals),
            View::Rates => counters(columns, service, destinations, rates),
        }
    }

    pub(crate) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        self.columns.print(out)
    }
}

/// The columns of the configuration view, with their titles and without rows.
pub(crate) fn configuration_titles() -> Columns {
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

fn counter_titles(titles: [&str; 5]) -> Columns {
    let mut columns = Columns::new(1..6);
    columns.row(["Service"]);
    columns.row(std::iter::once("  -> Destination").chain(titles));
    columns
}

/// Names a service as ipvsadm's listings do, and a firewall mark for IPv6 with its family.
fn name(id: ServiceId) -> String {
    let name = listed_name(ListedServiceId::from(id));
    match id {
        ServiceId::Fwmark {
            family: Family::Ipv6,
            ..
        } => format!("{name} IPv6"),
        _ => name,
    }
}

/// Names a service as ipvsadm's listings do.
pub(super) fn listed_name(id: ListedServiceId) -> String {
    match id {
        ListedServiceId::Address { protocol, endpoint } => format!("{protocol} {endpoint}"),
        ListedServiceId::Fwmark(mark) => format!("FWM {mark}"),
        other => other.to_string(),
    }
}

pub(crate) fn service_row(
    columns: &mut Columns,
    id: &dyn Display,
    scheduler: &dyn Display,
    options: &str,
) {
    let cells: [&dyn Display; 6] = [id, scheduler, &"", &"", &"", &options];
    columns.row(cells);
}

pub(crate) fn destination_row(
    columns: &mut Columns,
    id: &dyn Display,
    forwarding: &dyn Display,
    [weight, active, inactive]: [u32; 3],
    options: &str,
) {
    let cells: [&dyn Display; 6] = [
        &format_args!("  -> {id}"),
        forwarding,
        &weight,
        &active,
        &inactive,
        &options,
    ];
    columns.row(cells);
}

fn configuration(
    columns: &mut Columns,
    status: &ServiceStatus,
    destinations: &[DestinationStatus],
) {
    let service = &status.service;
    let options = service_options(service);
    service_row(columns, &name(service.id), &service.scheduler, &options);
    for status in destinations {
        let destination = &status.destination;
        destination_row(
            columns,
            &destination.id,
            &destination.forwarding.method(),
            [
                destination.weight,
                status.active_connections,
                status.inactive_connections,
            ],
            &destination_options(status, &service.scheduler),
        );
    }
}

fn counters(
    columns: &mut Columns,
    service: &ServiceStatus,
    destinations: &[DestinationStatus],
    numbers: impl Fn(&Stats) -> [u64; 5],
) {
    let mut row = |name: &dyn Display, stats: &Stats| {
        let numbers = numbers(stats);
        let numbers = numbers.iter().map(|number| number as &dyn Display);
        columns.row(std::iter::once(name).chain(numbers));
    };
    row(&name(service.service.id), &service.stats);
    for status in destinations {
        let name = format_args!("  -> {}", status.destination.id);
        row(&name, &status.stats);
    }
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
    options.extend(ineffective::mark(service));
    options.join(", ")
}

fn destination_options(status: &DestinationStatus, scheduler: &Scheduler) -> String {
    let destination = &status.destination;
    let mut options = Vec::new();
    if let Forwarding::Tunnel(tunnel) = destination.forwarding {
        options.push(tunnel.to_string());
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
    // A weight of 0 has a column of its own.
    let unavailable = status.unavailable(scheduler);
    let untold = unavailable.filter(|reason| *reason != Unavailable::ZeroWeight);
    options.extend(untold.map(|reason| reason.to_string()));
    options.join(", ")
}
