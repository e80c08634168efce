//! Services that serve no clients, whatever their real servers do.

use ipvs::{Ineffective, Service};

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
    let mut findings = Vec::new();
    for server in &balancing.servers {
        let service = &server.service.service;
        let ineffective = service.ineffective();
        // Nobody asks its scheduler.
        if ineffective.as_ref().is_none_or(Ineffective::is_served) {
            findings.extend(choice::check(server, balancing.cache_bypass));
        }
        findings.extend(ineffective.map(|reason| without_effect(service, &reason)));
    }
    findings
}

fn nothing() -> Finding {
    let finding = Finding::problem(
        FindingKind::NothingBalanced,
        "IPVS has no services",
        "Nothing is balanced: clients are refused, or get no answer.",
    );
    finding.fix(Remedy::Open(Open::AddService))
}

/// The kernel accepts it. What to do is a part of the reason.
fn without_effect(service: &Service, reason: &Ineffective) -> Finding {
    let said = format!("{} {reason}", service.id);
    if reason.is_served() {
        return Finding::note(
            FindingKind::EngineUnused,
            said,
            "Clients are served as if the service had no persistence engine.",
        );
    }
    Finding::warning(
        FindingKind::ServiceNeverServed,
        said,
        "Its real servers get no connections. Other services are not affected.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::testing::{direct, kinds, of, service};

    fn found(service: Service) -> Vec<FindingKind> {
        let balancing = of(service, [direct("10.10.10.12")]);
        kinds(&check(&HostView::default(), &balancing))
    }

    fn at(address: &str) -> Service {
        Service::tcp(address.parse::<ipvs::Endpoint>().unwrap())
    }

    #[test]
    fn ipvs_needs_services() {
        let findings = check(&HostView::default(), &Balancing::default());
        assert_eq!(kinds(&findings), [FindingKind::NothingBalanced]);
        assert_eq!(findings[0].remedies, [Remedy::Open(Open::AddService)]);
        assert_eq!(found(service()), []);
    }

    #[test]
    fn a_service_that_is_never_served_is_named_and_nothing_else_is_said_of_it() {
        let unscheduled = at("0.0.0.0:80").scheduler(ipvs::Scheduler::NONE);
        let findings = check(&HostView::default(), &of(unscheduled, []));
        assert_eq!(kinds(&findings), [FindingKind::ServiceNeverServed]);
        let problem = &findings[0].problem;
        let begin = "tcp:0.0.0.0:80 is never served: ";
        assert!(problem.starts_with(begin), "{problem}");
        assert_eq!(findings[0].remedies, [], "nothing that deletes");
    }

    #[test]
    fn a_service_that_only_has_an_idle_engine_is_looked_at_like_any_other() {
        let idle = service().persistence_engine("sip".parse().unwrap());
        assert_eq!(found(idle.clone()), [FindingKind::EngineUnused]);
        let unscheduled = idle.scheduler(ipvs::Scheduler::NONE);
        assert_eq!(
            found(unscheduled),
            [FindingKind::SchedulerMissing, FindingKind::EngineUnused]
        );
    }
}
