//! Whether the scheduler of a service finds a destination for every new client.

use ipvs::{
    CacheBypass, Change, DestinationId, NewClients, NoneAvailable, SchedulerFlags, Service,
    ServiceId, Unavailable, VirtualServerStatus,
};

use crate::node::doctor::{
    balancing::Balancing,
    finding::{Finding, FindingKind},
    remedy::Remedy,
};

/// What is wrong with a service that has a scheduler, and a destination of weight 1 or more.
pub(super) fn check(server: &VirtualServerStatus) -> Option<Finding> {
    let service = &server.service.service;
    match server.new_clients(CacheBypass::Off) {
        NewClients::Refused(NoneAvailable::AllUnavailable(_)) => Some(all_full(service)),
        NewClients::ShareRefused {
            unavailable,
            remedy,
        } => Some(share_refused(service, &unavailable, remedy)),
        _ => None,
    }
}

fn all_full(service: &Service) -> Finding {
    Finding::problem(
        FindingKind::ServiceFull,
        format!(
            "all real servers of {} are at their upper threshold",
            service.id
        ),
        "New clients are refused until connections end. Raise the thresholds (ipvs-rs edit-destination \
         … -x), or add a destination.",
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

/// Whether packets go on to their original destination when no real server can be chosen, as
/// `cache_bypass` has it for firewall marks.
pub(super) fn is_bypassed(balancing: &Balancing, service: ServiceId) -> bool {
    balancing.cache_bypass && matches!(service, ServiceId::Fwmark { .. })
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
