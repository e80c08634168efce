//! Formats a change: its object, and the old and new values.

use std::fmt::{self, Display};

use crate::{Change, Destination, Persistence, Service, Timeouts, duration};

/// For example `update destination 198.51.100.7:80 of service tcp:192.0.2.10:80: weight 10 → 20`.
impl Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self, &PRESENT, f)
    }
}

impl Change {
    /// Describes the change after it was made: `added service tcp:192.0.2.10:80`.
    ///
    /// # Examples
    /// ```
    /// use ipvs::{Change, Endpoint, Service};
    ///
    /// let web = Service::tcp("192.0.2.10:80".parse::<Endpoint>()?);
    /// let change = Change::AddService(web);
    /// assert_eq!(change.to_string(), "add service tcp:192.0.2.10:80");
    /// assert_eq!(change.as_made().to_string(), "added service tcp:192.0.2.10:80");
    /// # Ok::<(), ipvs::ParseError>(())
    /// ```
    pub fn as_made(&self) -> impl Display + '_ {
        AsMade(self)
    }
}

struct AsMade<'a>(&'a Change);

impl Display for AsMade<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self.0, &PAST, f)
    }
}

/// The verbs of one tense.
struct Verbs {
    set: &'static str,
    start: &'static str,
    stop: &'static str,
    add: &'static str,
    update: &'static str,
    delete: &'static str,
}

const PRESENT: Verbs = Verbs {
    set: "set",
    start: "start",
    stop: "stop",
    add: "add",
    update: "update",
    delete: "delete",
};

const PAST: Verbs = Verbs {
    set: "set",
    start: "started",
    stop: "stopped",
    add: "added",
    update: "updated",
    delete: "deleted",
};

fn write(change: &Change, verbs: &Verbs, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Verbs {
        set,
        start,
        stop,
        add,
        update,
        delete,
    } = verbs;
    match change {
        Change::SetTimeouts { from, to } => {
            write!(f, "{set} timeouts")?;
            write_all(f, &timeouts(from, to))
        }
        Change::StartSyncDaemon(daemon) => write!(f, "{start} sync daemon: {daemon}"),
        Change::StopSyncDaemon(daemon) => write!(f, "{stop} sync daemon: {daemon}"),
        Change::AddService(service) => write!(f, "{add} service {}", service.id),
        Change::UpdateService { from, to } => {
            write!(f, "{update} service {}", to.id)?;
            write_all(f, &services(from, to))
        }
        Change::DeleteService(service) => write!(f, "{delete} service {}", service.id),
        Change::AddDestination {
            service,
            destination,
        } => write!(
            f,
            "{add} destination {} to service {service}",
            destination.id
        ),
        Change::UpdateDestination { service, from, to } => {
            write!(f, "{update} destination {} of service {service}", to.id)?;
            write_all(f, &destinations(from, to))
        }
        Change::DeleteDestination {
            service,
            destination,
        } => write!(
            f,
            "{delete} destination {} of service {service}",
            destination.id
        ),
    }
}

fn write_all(f: &mut fmt::Formatter<'_>, differences: &[String]) -> fmt::Result {
    match differences {
        [] => Ok(()),
        differences => write!(f, ": {}", differences.join(", ")),
    }
}

/// Writes `weight 10 → 20`, unless both values are the same.
fn step<T: PartialEq>(name: &str, from: T, to: T, words: impl Fn(T) -> String) -> Option<String> {
    (from != to).then(|| format!("{name} {} → {}", words(from), words(to)))
}

fn or_none<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

fn timeouts(from: &Timeouts, to: &Timeouts) -> Vec<String> {
    let names = [
        ("tcp", from.tcp, to.tcp),
        ("tcp-fin", from.tcp_fin, to.tcp_fin),
        ("udp", from.udp, to.udp),
    ];
    let steps = names.into_iter().filter_map(|(name, from, to)| {
        let to = duration::display(to?);
        Some(match from {
            Some(from) => format!("{name} {} → {to}", duration::display(from)),
            None => format!("{name} → {to}"),
        })
    });
    steps.collect()
}

fn services(from: &Service, to: &Service) -> Vec<String> {
    let flags = |service: &Service| {
        let names = service.scheduler_flags.names(&service.scheduler);
        (!names.is_empty()).then(|| names.join("+"))
    };
    let on_or_off = |is_on| if is_on { "on" } else { "off" }.to_owned();
    let engine = |service: &Service| service.persistence_engine.clone();
    let steps = [
        step(
            "scheduler",
            &from.scheduler,
            &to.scheduler,
            ToString::to_string,
        ),
        step("scheduler flags", flags(from), flags(to), or_none),
        step("persistence", from.persistence, to.persistence, persistence),
        step("persistence engine", engine(from), engine(to), or_none),
        step("one-packet", from.one_packet, to.one_packet, on_or_off),
    ];
    steps.into_iter().flatten().collect()
}

fn persistence(persistence: Option<Persistence>) -> String {
    let Some(Persistence { timeout, netmask }) = persistence else {
        return "off".to_owned();
    };
    let timeout = duration::display(timeout);
    match netmask {
        Some(netmask) => format!("{timeout} netmask {netmask}"),
        None => timeout.to_string(),
    }
}

fn destinations(from: &Destination, to: &Destination) -> Vec<String> {
    let (upper, lower) = (
        (from.upper_threshold, to.upper_threshold),
        (from.lower_threshold, to.lower_threshold),
    );
    let steps = [
        step("weight", from.weight, to.weight, |it| it.to_string()),
        step("forwarding", from.forwarding, to.forwarding, |it| {
            it.to_string()
        }),
        step("upper threshold", upper.0, upper.1, or_none),
        step("lower threshold", lower.0, lower.1, or_none),
    ];
    steps.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::*;
    use crate::{Endpoint, Scheduler, SyncDaemon, SyncRole};

    fn service() -> Service {
        Service::tcp("192.0.2.10:80".parse::<Endpoint>().unwrap())
    }

    fn destination() -> Destination {
        Destination::new("198.51.100.7:80".parse::<Endpoint>().unwrap()).weight(10)
    }

    #[test]
    fn an_update_of_a_destination_says_what_changes_and_nothing_else() {
        let update = |to| {
            let (service, from) = (service().id, destination());
            Change::UpdateDestination { service, from, to }.to_string()
        };
        let of = "update destination 198.51.100.7:80 of service tcp:192.0.2.10:80";
        assert_eq!(
            update(destination().weight(20)),
            format!("{of}: weight 10 → 20")
        );
        let limited = destination().upper_threshold(NonZeroU32::MIN);
        let limited = limited.forwarding("tunnel:gue,port=6080".parse().unwrap());
        let words = "forwarding direct → tunnel:gue,port=6080, upper threshold none → 1";
        assert_eq!(update(limited), format!("{of}: {words}"));
        assert_eq!(update(destination()), of);
    }

    #[test]
    fn an_update_of_a_service_says_what_changes_and_nothing_else() {
        let mut to = service().scheduler(Scheduler::SOURCE_HASHING);
        to.scheduler_flags = crate::SchedulerFlags::PORT;
        let to = to.persistent(Duration::from_secs(300)).one_packet();
        let from = Box::new(service());
        let change = Change::UpdateService {
            from,
            to: Box::new(to),
        };
        assert_eq!(
            change.to_string(),
            "update service tcp:192.0.2.10:80: scheduler wlc → sh, scheduler flags none → sh-port, \
             persistence off → 5m, one-packet off → on"
        );
    }

    #[test]
    fn timeouts_and_sync_daemons_say_what_they_become() {
        let from = Timeouts::default().udp(Duration::from_secs(300));
        let to = Timeouts::default().udp(Duration::from_secs(30));
        let change = Change::SetTimeouts { from, to };
        assert_eq!(change.to_string(), "set timeouts: udp 5m → 30s");
        let change = Change::StartSyncDaemon(SyncDaemon::new(SyncRole::Master, "eth0"));
        let words = "start sync daemon: master on eth0, sync id 0";
        assert_eq!(change.to_string(), words);
    }
}
