//! Services that take no connections.

use crate::node::doctor::{
    BalancedService, Balancing, Finding, FindingKind,
    view::{HostView, Presence},
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    // A director that only learns of connections still takes over nothing without services.
    if balancing.services.is_empty() && view.ip_vs == Presence::There {
        return vec![nothing()];
    }
    let services = balancing.services.iter();
    services
        .filter_map(|service| match service.scheduler {
            None => Some(without_scheduler(service)),
            Some(_) => without_servers(service),
        })
        .collect()
}

fn nothing() -> Finding {
    let finding = Finding::problem(
        FindingKind::NothingBalanced,
        "IPVS has no services",
        "Nothing is balanced: clients are refused, or get no answer.",
    );
    finding.mend("ipvs-rs add-service -t VIP:PORT -s wlc")
}

fn without_scheduler(service: &BalancedService) -> Finding {
    let finding = Finding::problem(
        FindingKind::SchedulerMissing,
        format!("{service} has no scheduler"),
        "It takes no new connections: clients are refused.",
    );
    finding.mend(format!("ipvs-rs edit-service {} -s wlc", service.options()))
}

/// A weight of 0 is what a server has that is taken out of service.
fn without_servers(service: &BalancedService) -> Option<Finding> {
    if service.servers.iter().any(|server| server.weight > 0) {
        return None;
    }
    let finding = |said: &str| {
        Finding::problem(
            FindingKind::ServiceWithoutServers,
            format!("{service} {said}"),
            "There is nobody to give new connections to: clients are refused.",
        )
    };
    let options = service.options();
    Some(match service.servers.first() {
        None => finding("has no destination")
            .mend(format!("ipvs-rs add-destination {options} -r ADDRESS")),
        Some(server) => finding("has only destinations of weight 0").mend(format!(
            "ipvs-rs edit-destination {options} -r {} -w 1",
            server.typed()
        )),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::tests::{balancing, direct, kinds, remedies, service};

    #[test]
    fn a_service_needs_a_scheduler_and_somebody_to_choose() {
        let view = HostView::default();
        let check = |service| check(&view, &Balancing::new().service(service));
        let nothing = super::check(&view, &Balancing::new());
        assert_eq!(kinds(&nothing), [FindingKind::NothingBalanced]);
        let whole = service().scheduler("rr").server(direct("10.10.10.12"));
        assert_eq!(check(whole), []);

        let unscheduled = check(service().server(direct("10.10.10.12")));
        assert_eq!(kinds(&unscheduled), [FindingKind::SchedulerMissing]);
        let edit = "ipvs-rs edit-service -t 10.10.10.100:80 -s wlc";
        assert_eq!(remedies(&unscheduled), [edit]);

        let empty = check(service().scheduler("rr"));
        assert_eq!(kinds(&empty), [FindingKind::ServiceWithoutServers]);
        let drained = service().scheduler("rr");
        let drained = check(drained.server(direct("10.10.10.12").weight(0)));
        let edit = "ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -w 1";
        assert_eq!(remedies(&drained), [edit]);
    }

    #[test]
    fn one_server_that_may_be_chosen_is_enough() {
        let mut balancing = balancing(direct("10.10.10.12"));
        for service in &mut balancing.services {
            service.servers.push(direct("10.10.10.13").weight(0));
        }
        assert_eq!(check(&HostView::default(), &balancing), []);
    }
}
