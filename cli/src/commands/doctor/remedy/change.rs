//! Changes of IPVS.

use std::num::NonZeroU32;
use std::time::Duration;

use ipvs::{
    Change, Destination, DestinationId, Forwarding, Persistence, Service, ServiceId, SyncDaemon,
    Timeouts,
};

use crate::shown::shell::Line;
use crate::typed;

/// The command that makes a change; a comment if there is none, as for a service that another program
/// added and that the kernel should not have taken.
pub(super) fn line(change: &Change) -> Line {
    let line = match change {
        Change::SetTimeouts { to, .. } => Some(timeouts(to)),
        Change::AddService(service) => add_service(service),
        Change::UpdateService { from, to } => edit_service(from, to),
        Change::DeleteService(it) => typed::service_options(it.id)
            .map(|service| Line::ours(["delete-service"]).words(service)),
        Change::AddDestination {
            service,
            destination,
        } => {
            let new = Destination::new(destination.id);
            with_destination("add-destination", *service, &new, destination)
        }
        Change::UpdateDestination { service, from, to } => {
            with_destination("edit-destination", *service, from, to)
        }
        Change::DeleteDestination {
            service,
            destination,
        } => with_destination("delete-destination", *service, destination, destination),
        Change::StartSyncDaemon(daemon) => Some(start(daemon)),
        Change::StopSyncDaemon(daemon) => Some(Line::ours([
            "stop-sync".to_owned(),
            daemon.role.to_string(),
        ])),
        _ => None,
    };
    line.unwrap_or_else(|| Line::only_comment(&change.to_string()))
}

pub(super) fn start(daemon: &SyncDaemon) -> Line {
    let (role, id) = (daemon.role.to_string(), daemon.sync_id.to_string());
    let mut line = Line::ours(["start-sync", &role, "--interface", &daemon.interface]);
    line = line.words(["--syncid", &id]);
    let options = [
        ("--maxlen", daemon.max_length.map(|it| it.to_string())),
        ("--group", daemon.group.map(|it| it.to_string())),
        ("--port", daemon.port.map(|it| it.to_string())),
        ("--ttl", daemon.ttl.map(|it| it.to_string())),
    ];
    for (option, value) in options {
        if let Some(value) = value {
            line = line.words([option, &value]);
        }
    }
    line
}

fn timeouts(timeouts: &Timeouts) -> Line {
    let mut line = Line::ours(["timeouts"]);
    let all = [
        ("--tcp", timeouts.tcp),
        ("--tcp-fin", timeouts.tcp_fin),
        ("--udp", timeouts.udp),
    ];
    for (option, timeout) in all {
        if let Some(timeout) = timeout {
            line = line.words([option, &seconds(timeout)]);
        }
    }
    line
}

/// IPVS counts whole seconds.
fn seconds(duration: Duration) -> String {
    duration.as_secs().to_string()
}

fn add_service(it: &Service) -> Option<Line> {
    let new = Service::new(it.id);
    let line = Line::ours(["add-service"]).words(typed::service_options(it.id)?);
    let line = line.words(["-s", it.scheduler.name()]);
    Some(settings(line, &new.scheduler(it.scheduler.clone()), it))
}

fn edit_service(from: &Service, to: &Service) -> Option<Line> {
    let line = Line::ours(["edit-service"]).words(typed::service_options(to.id)?);
    let line = if from.scheduler == to.scheduler {
        line
    } else {
        line.words(["-s", to.scheduler.name()])
    };
    Some(settings(line, from, to))
}

/// The settings of a service but for its scheduler, as far as they change.
fn settings(mut line: Line, from: &Service, to: &Service) -> Line {
    if from.scheduler_flags != to.scheduler_flags {
        line = if to.scheduler_flags.is_empty() {
            line.words(["--no-sched-flags"])
        } else {
            let flags = to.scheduler_flags.names(&to.scheduler).join(",");
            line.words(["-b", &flags])
        };
    }
    if from.persistence != to.persistence {
        line = persistence(line, to.persistence.as_ref());
    }
    if from.persistence_engine != to.persistence_engine {
        line = match &to.persistence_engine {
            Some(engine) => line.words(["--pe", engine.name()]),
            None => line.words(["--no-pe"]),
        };
    }
    match (from.one_packet, to.one_packet) {
        (false, true) => line.words(["-o"]),
        (true, false) => line.words(["--no-ops"]),
        _ => line,
    }
}

fn persistence(line: Line, persistence: Option<&Persistence>) -> Line {
    let Some(persistence) = persistence else {
        return line.words(["--no-persistence"]);
    };
    let line = line.words(["-p", &seconds(persistence.timeout)]);
    match persistence.netmask {
        Some(netmask) => line.words(["-M".to_owned(), netmask.to_string()]),
        None => line,
    }
}

/// A command about a destination, with its settings as far as they change.
fn with_destination(
    command: &str,
    service_id: ServiceId,
    from: &Destination,
    to: &Destination,
) -> Option<Line> {
    let mut line = Line::ours([command]).words(typed::service_options(service_id)?);
    line = line.words(["-r", &real_server(service_id, to.id)]);
    if from.forwarding != to.forwarding {
        line = line.words(forwarding(to.forwarding)?);
    }
    if from.weight != to.weight {
        line = line.words(["-w".to_owned(), to.weight.to_string()]);
    }
    let thresholds = [
        ("-x", from.upper_threshold, to.upper_threshold),
        ("-y", from.lower_threshold, to.lower_threshold),
    ];
    for (option, from, to) in thresholds {
        if from != to {
            line = line.words([option, &threshold(to)]);
        }
    }
    Some(line)
}

/// A real server behind a service: its port if that is another than the service's.
fn real_server(service: ServiceId, destination: DestinationId) -> String {
    let port = match service {
        ServiceId::Address { endpoint, .. } => endpoint.port,
        _ => None,
    };
    if destination.port == port {
        destination.address.to_string()
    } else {
        destination.to_string()
    }
}

fn forwarding(forwarding: Forwarding) -> Option<Vec<String>> {
    match forwarding {
        Forwarding::Direct => Some(vec!["-g".to_owned()]),
        Forwarding::Masquerade => Some(vec!["-m".to_owned()]),
        Forwarding::Tunnel(tunnel) => Some(vec!["--tunnel".to_owned(), tunnel.to_string()]),
        _ => None,
    }
}

fn threshold(connections: Option<NonZeroU32>) -> String {
    connections.map_or_else(|| "none".to_owned(), |it| it.to_string())
}
