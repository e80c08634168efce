//! Whether the scheduler of a service finds a destination for every new client.

use ipvs::{
    CacheBypass, Change, DestinationId, NewClients, NoneAvailable, Scheduler, SchedulerFlags,
    Service, Unavailable, VirtualServerStatus,
};

use crate::node::doctor::{
    finding::{Finding, FindingKind},
    remedy::{Open, Remedy},
};

pub(super) fn check(server: &VirtualServerStatus, cache_bypass: CacheBypass) -> Option<Finding> {
    let service = &server.service.service;
    match server.new_clients(cache_bypass) {
        NewClients::Refused(NoneAvailable::NoScheduler) => Some(without_scheduler(service)),
        NewClients::Refused(NoneAvailable::NoDestination) => Some(without_destinations(service)),
        NewClients::Refused(reason) => {
            Some(all_drained(server).unwrap_or_else(|| all_full(service, &reason)))
        }
        NewClients::ShareRefused {
            unavailable,
            remedy,
        } => Some(share_refused(service, &unavailable, remedy)),
        _ => None,
    }
}

fn without_scheduler(service: &Service) -> Finding {
    let finding = Finding::problem(
        FindingKind::SchedulerMissing,
        format!("{} has no scheduler", service.id),
        "The service accepts no new connections: clients are refused.",
    );
    let change = Change::UpdateService {
        from: Box::new(service.clone()),
        to: Box::new(Service::clone(service).scheduler(Scheduler::default())),
    };
    finding.fix(Remedy::Change(change))
}

fn without_destinations(service: &Service) -> Finding {
    let finding = without_servers(service, "has no destination");
    finding.fix(Remedy::Open(Open::AddDestination(service.id)))
}

/// A weight of 0 takes a server out of service.
fn all_drained(server: &VirtualServerStatus) -> Option<Finding> {
    let service = &server.service.service;
    let mut destinations = server.destinations.iter().map(|it| it.destination);
    let first = destinations.next()?;
    if first.weight > 0 || destinations.any(|it| it.weight > 0) {
        return None;
    }
    let change = Change::UpdateDestination {
        service: service.id,
        from: first,
        to: first.weight(1),
    };
    let finding = without_servers(service, "has only destinations of weight 0");
    Some(finding.fix(Remedy::Change(change)))
}

fn without_servers(service: &Service, said: &str) -> Finding {
    Finding::problem(
        FindingKind::ServiceWithoutServers,
        format!("{} {said}", service.id),
        "No real server can be given new connections: clients are refused.",
    )
}

fn all_full(service: &Service, reason: &NoneAvailable) -> Finding {
    Finding::problem(
        FindingKind::ServiceFull,
        format!("{} refuses new clients: {reason}", service.id),
        "They are refused until connections end. Raise the limits (ipvs-rs edit-destination … -x, or -w \
         with the scheduler ovf), or add a destination.",
    )
}

/// The hash assigns a client to a destination, whether that is available or not.
fn share_refused(
    service: &Service,
    unavailable: &[(DestinationId, Unavailable)],
    remedy: Option<SchedulerFlags>,
) -> Finding {
    let unavailable: Vec<_> = unavailable.iter().map(|(id, _)| id.to_string()).collect();
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
    match remedy {
        Some(flag) => finding.fix(Remedy::Change(with_flag(service, flag))),
        None => finding,
    }
}

fn with_flag(service: &Service, flag: SchedulerFlags) -> Change {
    let flags = service.scheduler_flags | flag;
    Change::UpdateService {
        from: Box::new(service.clone()),
        to: Box::new(Service::clone(service).scheduler_flags(flags)),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use ipvs::{Destination, DestinationStatus, Hashing, Stats};

    use super::*;
    use crate::node::doctor::testing::{direct, remedies, service, with_traffic};

    fn status(server: Destination, connections: u32) -> DestinationStatus {
        let mut status = DestinationStatus::new(server, Stats::default());
        status.inactive_connections = connections;
        status
    }

    fn bypassing<const N: usize>(
        bypass: CacheBypass,
        service: Service,
        servers: [DestinationStatus; N],
    ) -> Option<Finding> {
        let balancing = with_traffic(service, servers);
        balancing.servers.iter().find_map(|it| check(it, bypass))
    }

    fn found<const N: usize>(service: Service, servers: [DestinationStatus; N]) -> Option<Finding> {
        bypassing(CacheBypass::Off, service, servers)
    }

    #[test]
    fn a_service_needs_a_scheduler() {
        let unscheduled = service().scheduler(Scheduler::NONE);
        let servers = [status(direct("10.10.10.12"), 0)];
        let finding = found(unscheduled.clone(), servers).unwrap();
        assert_eq!(finding.kind, FindingKind::SchedulerMissing);
        let change = Change::UpdateService {
            from: Box::new(unscheduled.clone()),
            to: Box::new(unscheduled.scheduler("wlc".parse().unwrap())),
        };
        assert_eq!(finding.remedies, [Remedy::Change(change)]);
    }

    #[test]
    fn a_service_needs_a_destination_that_may_get_connections() {
        let empty = found(service(), []).unwrap();
        assert_eq!(empty.kind, FindingKind::ServiceWithoutServers);
        let open = Open::AddDestination(service().id);
        assert_eq!(empty.remedies, [Remedy::Open(open)]);

        let drained = direct("10.10.10.12").weight(0);
        let finding = found(service(), [status(drained, 0)]).unwrap();
        assert_eq!(finding.kind, FindingKind::ServiceWithoutServers);
        let change = Change::UpdateDestination {
            service: service().id,
            from: drained,
            to: drained.weight(1),
        };
        assert_eq!(finding.remedies, [Remedy::Change(change)]);

        let one_is_enough = [status(drained, 0), status(direct("10.10.10.13"), 0)];
        assert_eq!(found(service(), one_is_enough), None);
    }

    #[test]
    fn packets_of_a_mark_that_go_on_to_their_destination_are_not_refused() {
        let mark = Service::fwmark(7.try_into().unwrap(), ipvs::Family::Ipv4);
        let found = |bypass, service| {
            let drained = status(direct("10.10.10.12").weight(0), 0);
            bypassing(bypass, service, [drained]).map(|it| it.kind)
        };
        let refused = Some(FindingKind::ServiceWithoutServers);
        assert_eq!(found(CacheBypass::On, mark.clone()), None);
        assert_eq!(found(CacheBypass::Off, mark), refused);
        assert_eq!(found(CacheBypass::On, service()), refused);
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
