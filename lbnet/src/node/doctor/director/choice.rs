//! Whether the scheduler of a service finds a destination for every new client.

use ipvs::{
    Change, DestinationStatus, Scheduler, SchedulerFlags, Service, ServiceId, VirtualServerStatus,
};

use crate::node::doctor::{
    balancing::Balancing,
    finding::{Finding, FindingKind},
    remedy::Remedy,
};

/// What is wrong with a service that has a scheduler, and a destination of weight 1 or more.
pub(super) fn check(server: &VirtualServerStatus) -> Option<Finding> {
    all_full(server).or_else(|| share_refused(server))
}

/// The kernel counts active and inactive connections.
fn is_full(status: &DestinationStatus) -> bool {
    let connections = status
        .active_connections
        .saturating_add(status.inactive_connections);
    let upper = status.destination.upper_threshold;
    upper.is_some_and(|upper| connections >= upper.get())
}

fn is_available(status: &DestinationStatus) -> bool {
    status.destination.weight > 0 && !is_full(status)
}

fn all_full(server: &VirtualServerStatus) -> Option<Finding> {
    if server.destinations.iter().any(is_available) {
        return None;
    }
    Some(Finding::problem(
        FindingKind::ServiceFull,
        format!(
            "all real servers of {} are at their upper threshold",
            server.service.service.id
        ),
        "New clients are refused until connections end. Raise the thresholds (ipvs-rs edit-destination \
         … -x), or add a destination.",
    ))
}

/// The hash assigns a client to a destination, whether that is available or not.
fn share_refused(server: &VirtualServerStatus) -> Option<Finding> {
    let service = &server.service.service;
    let hashes = [Scheduler::SOURCE_HASHING, Scheduler::MAGLEV_HASHING];
    if !hashes.contains(&service.scheduler) {
        return None;
    }
    if service.scheduler_flags.contains(SchedulerFlags::FALLBACK) {
        return None;
    }
    let unavailable = server.destinations.iter().filter(|it| !is_available(it));
    let unavailable: Vec<_> = unavailable
        .map(|it| it.destination.id.to_string())
        .collect();
    unavailable.first()?;
    let finding = Finding::problem(
        FindingKind::ShareRefused,
        format!(
            "{} of {} takes no new clients, and {} goes on choosing it",
            unavailable.join(", "),
            service.id,
            service.scheduler
        ),
        "The share of clients that the scheduler assigns to it is refused.",
    );
    Some(finding.fix(Remedy::Change(with_fallback(service))))
}

fn with_fallback(service: &Service) -> Change {
    let flags = service.scheduler_flags | SchedulerFlags::FALLBACK;
    Change::UpdateService {
        from: Box::new(service.clone()),
        to: Box::new(Service::clone(service).scheduler_flags(flags)),
    }
}

/// Whether packets go on to their original destination when no real server can be chosen, as
/// `cache_bypass` has it for firewall marks.
pub(super) fn is_bypassed(balancing: &Balancing, service: ServiceId) -> bool {
    balancing.cache_bypass && matches!(service, ServiceId::Fwmark { .. })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use ipvs::{Destination, Hashing, Stats};

    use super::*;
    use crate::node::doctor::testing::{direct, remedies, service, with_traffic};

    fn status(server: Destination, connections: u32) -> DestinationStatus {
        let mut status = DestinationStatus::new(server, Stats::default());
        status.inactive_connections = connections;
        status
    }

    fn found<const N: usize>(service: Service, servers: [DestinationStatus; N]) -> Option<Finding> {
        let balancing = with_traffic(service, servers);
        balancing.servers.iter().find_map(check)
    }

    #[test]
    fn a_service_whose_servers_are_all_full_refuses_clients() {
        let limited = direct("10.10.10.12").upper_threshold(NonZeroU32::new(2).unwrap());
        let drained = status(direct("10.10.10.13").weight(0), 0);
        let finding = found(service(), [status(limited, 2), drained]).unwrap();
        assert_eq!(finding.kind, FindingKind::ServiceFull);
        assert_eq!(found(service(), [status(limited, 1), drained]), None);
    }

    #[test]
    fn a_hash_without_a_fallback_refuses_the_share_of_a_drained_server() {
        let servers = [
            status(direct("10.10.10.12").weight(0), 0),
            status(direct("10.10.10.13"), 0),
        ];
        for (hashing, flag) in [
            (Hashing::source(), "sh-fallback"),
            (Hashing::maglev(), "mh-fallback"),
        ] {
            let finding = found(service().hashed(hashing), servers).unwrap();
            assert_eq!(finding.kind, FindingKind::ShareRefused);
            let [said] = <[String; 1]>::try_from(remedies(&[finding])).unwrap();
            assert!(said.contains(flag), "{said}");
            let falls_back = service().hashed(hashing.with_fallback());
            assert_eq!(found(falls_back, servers), None);
        }
        assert_eq!(found(service(), servers), None);
    }
}
