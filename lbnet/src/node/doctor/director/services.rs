//! Services that accept no connections.

use ipvs::{Change, Scheduler, Service, VirtualServerStatus};

use super::choice;
use crate::node::doctor::{
    balancing::Balancing,
    finding::{Finding, FindingKind},
    remedy::{Open, Remedy},
    view::{HostView, Presence},
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    // A backup that has no services cannot take over either.
    if balancing.servers.is_empty() && view.ip_vs == Presence::There {
        return vec![nothing()];
    }
    let finding = |server: &VirtualServerStatus| {
        if choice::is_bypassed(balancing, server.service.service.id) {
            return None;
        }
        without_scheduler(server)
            .or_else(|| without_servers(server))
            .or_else(|| choice::check(server))
    };
    balancing.servers.iter().filter_map(finding).collect()
}

fn nothing() -> Finding {
    let finding = Finding::problem(
        FindingKind::NothingBalanced,
        "IPVS has no services",
        "Nothing is balanced: clients are refused, or get no answer.",
    );
    finding.fix(Remedy::Open(Open::AddService))
}

fn without_scheduler(server: &VirtualServerStatus) -> Option<Finding> {
    let service = &server.service.service;
    if service.scheduler != Scheduler::NONE {
        return None;
    }
    let finding = Finding::problem(
        FindingKind::SchedulerMissing,
        format!("{} has no scheduler", service.id),
        "The service accepts no new connections: clients are refused.",
    );
    let change = Change::UpdateService {
        from: Box::new(service.clone()),
        to: Box::new(Service::clone(service).scheduler(Scheduler::default())),
    };
    Some(finding.fix(Remedy::Change(change)))
}

/// A weight of 0 takes a server out of service.
fn without_servers(server: &VirtualServerStatus) -> Option<Finding> {
    let service = server.service.service.id;
    let mut destinations = server.destinations.iter().map(|it| it.destination);
    if destinations.clone().any(|it| it.weight > 0) {
        return None;
    }
    let finding = |said: &str| {
        Finding::problem(
            FindingKind::ServiceWithoutServers,
            format!("{service} {said}"),
            "No real server can be given new connections: clients are refused.",
        )
    };
    Some(match destinations.next() {
        None => finding("has no destination").fix(Remedy::Open(Open::AddDestination(service))),
        Some(first) => {
            let change = Change::UpdateDestination {
                service,
                from: first,
                to: first.weight(1),
            };
            finding("has only destinations of weight 0").fix(Remedy::Change(change))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::testing::{direct, kinds, of, service};

    fn fixes(findings: &[Finding]) -> Vec<Remedy> {
        findings.iter().flat_map(|it| it.remedies.clone()).collect()
    }

    #[test]
    fn ipvs_needs_services() {
        let view = HostView::default();
        let findings = check(&view, &Balancing::default());
        assert_eq!(kinds(&findings), [FindingKind::NothingBalanced]);
        assert_eq!(fixes(&findings), [Remedy::Open(Open::AddService)]);
    }

    #[test]
    fn a_service_needs_a_scheduler() {
        let unscheduled = service().scheduler(Scheduler::NONE);
        let balancing = of(unscheduled.clone(), [direct("10.10.10.12")]);
        let findings = check(&HostView::default(), &balancing);
        assert_eq!(kinds(&findings), [FindingKind::SchedulerMissing]);
        let change = Change::UpdateService {
            from: Box::new(unscheduled.clone()),
            to: Box::new(unscheduled.scheduler("wlc".parse().unwrap())),
        };
        assert_eq!(fixes(&findings), [Remedy::Change(change)]);
    }

    #[test]
    fn a_service_needs_a_destination_that_may_get_connections() {
        let view = HostView::default();
        let empty = check(&view, &of(service(), []));
        assert_eq!(kinds(&empty), [FindingKind::ServiceWithoutServers]);
        let open = Open::AddDestination(service().id);
        assert_eq!(fixes(&empty), [Remedy::Open(open)]);

        let drained = direct("10.10.10.12").weight(0);
        let findings = check(&view, &of(service(), [drained]));
        assert_eq!(kinds(&findings), [FindingKind::ServiceWithoutServers]);
        let change = Change::UpdateDestination {
            service: service().id,
            from: drained,
            to: drained.weight(1),
        };
        assert_eq!(fixes(&findings), [Remedy::Change(change)]);

        let marked = of(
            Service::fwmark(7.try_into().unwrap(), ipvs::Family::Ipv4),
            [drained],
        );
        let bypassed = Balancing {
            cache_bypass: true,
            ..marked
        };
        assert_eq!(check(&view, &bypassed), []);

        let one_is_enough = of(service(), [drained, direct("10.10.10.13")]);
        assert_eq!(check(&view, &one_is_enough), []);
    }
}
