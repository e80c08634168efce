//! Real servers that clients wait for in vain, for any reason that this host cannot see.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

use ipvs::{
    ConnectionService, DestinationStatus, Endpoint, Forwarding, Protocol, Service, ServiceId,
};

use super::{masquerade, one_network, reach, silent};
use crate::node::doctor::{
    balancing::{self, Balancing, Flow, Progress},
    finding::{Finding, FindingKind},
    view::HostView,
};

/// A connection is unanswered for a moment even if all is well; so many at once are not.
const ENOUGH: usize = 5;

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let waiting = Waiting::of(&balancing.flows);
    let destinations = balancing.destinations();
    let unanswered = destinations.filter(|(_, status)| status.destination.weight > 0);
    let findings = unanswered.filter_map(|(service, status)| {
        let asked = waiting.at(service, status);
        let is_new = asked >= ENOUGH && !is_explained(view, balancing, service, status);
        is_new.then(|| finding(service, status, asked))
    });
    findings.collect()
}

/// Whether another finding says why.
fn is_explained(
    view: &HostView,
    balancing: &Balancing,
    service: &Service,
    status: &DestinationStatus,
) -> bool {
    let destination = &status.destination;
    let is_masqueraded = destination.forwarding == Forwarding::Masquerade;
    silent::is_dead(view, destination.id.address)
        || reach::explains(view, destination)
        || is_masqueraded
            && (one_network::explains(view, balancing, service, status)
                || masquerade::explains(view, service, status))
}

fn finding(service: &Service, status: &DestinationStatus, asked: usize) -> Finding {
    let server = status.destination.id.address;
    let said = format!(
        "{server} has answered none of {asked} connections of {}",
        service.id
    );
    let why = match (status.destination.forwarding, balancing::vip(service.id)) {
        (Forwarding::Masquerade, _) => {
            "it is down, or a firewall drops the packets. Run ipvs-rs doctor --forward masquerade there"
                .to_owned()
        }
        (_, None) => "it is down, does not have the address that clients connect to, nothing listens \
                      there, or a firewall drops the packets. Run ipvs-rs doctor there"
            .to_owned(),
        (_, Some(vip)) => format!(
            "it is down, does not have {vip}, nothing listens there, or a firewall drops the packets. \
             Run ipvs-rs doctor --vip {vip} there"
        ),
    };
    Finding::problem(
        FindingKind::ServerUnanswered,
        said,
        format!(
            "The clients that this host sends there are refused, or get no answer: {why}. This is said \
             until a client is answered."
        ),
    )
}

/// How many connections of each real server wait for its first answer.
struct Waiting(HashMap<IpAddr, BTreeMap<(ConnectionService, Endpoint), Counts>>);

#[derive(Default)]
struct Counts {
    asked: usize,
    answered: usize,
}

impl Waiting {
    fn of(flows: &[Flow]) -> Self {
        let mut servers: HashMap<_, BTreeMap<_, Counts>> = HashMap::new();
        for flow in flows.iter().filter(|it| it.protocol == Protocol::Tcp) {
            let of_server = servers.entry(flow.server.address).or_default();
            let counts = of_server.entry((flow.service, flow.server)).or_default();
            counts.add(flow.progress);
        }
        Self(servers)
    }

    /// The connections that a destination has not answered, if it has answered none.
    fn at(&self, service: &Service, status: &DestinationStatus) -> usize {
        let id = status.destination.id;
        let mut asked = 0;
        for ((vip, server), counts) in self.0.get(&id.address).into_iter().flatten() {
            let is_port = id.port.is_none() || id.port == server.port;
            if is_port && is_of(service.id, *vip) {
                if counts.answered > 0 {
                    return 0;
                }
                asked += counts.asked;
            }
        }
        asked
    }
}

impl Counts {
    fn add(&mut self, progress: Progress) {
        match progress {
            Progress::Asked => self.asked += 1,
            Progress::Answered => self.answered += 1,
            Progress::Unknown => {}
        }
    }
}

/// The kernel lists a connection of a firewall mark under the address that the client connected to.
fn is_of(id: ServiceId, service: ConnectionService) -> bool {
    match (id, service) {
        (ServiceId::Address { protocol, endpoint }, ConnectionService::Endpoint(vip)) => {
            protocol == Protocol::Tcp
                && endpoint.address == vip.address
                && (endpoint.port.is_none() || endpoint.port == vip.port)
        }
        (ServiceId::Fwmark { .. }, _) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::testing::{direct, flow, kinds, masqueraded, of, service, way};

    const SERVER: &str = "10.10.10.12";

    fn found(destination: ipvs::Destination, flows: &[(usize, Progress)]) -> Vec<FindingKind> {
        let mut balancing = of(service(), [destination]);
        for (many, progress) in flows {
            let flow = flow("10.10.10.1", SERVER, *progress);
            balancing.flows.extend(std::iter::repeat_n(flow, *many));
        }
        let view = HostView {
            paths: [way(SERVER, "eth0")].into(),
            ..HostView::default()
        };
        kinds(&check(&view, &balancing))
    }

    #[test]
    fn many_connections_without_any_answer_are_a_problem() {
        let unanswered = [FindingKind::ServerUnanswered];
        let server = direct(SERVER);
        assert_eq!(found(server, &[(5, Progress::Asked)]), unanswered);
        assert_eq!(
            found(masqueraded(SERVER), &[(5, Progress::Asked)]),
            unanswered
        );
        assert_eq!(found(server, &[(4, Progress::Asked)]), []);
        let one_answered = [(9, Progress::Asked), (1, Progress::Answered)];
        assert_eq!(found(server, &one_answered), []);
        assert_eq!(found(server, &[(9, Progress::Unknown)]), []);
        assert_eq!(found(server.weight(0), &[(9, Progress::Asked)]), []);
        assert_eq!(found(direct("10.10.10.13"), &[(9, Progress::Asked)]), []);
    }

    #[test]
    fn a_server_that_serves_one_vip_may_lack_another() {
        let at = |vip: &str| Service::tcp(vip.parse::<Endpoint>().unwrap());
        let mut balancing = of(at("10.10.10.101:80"), [direct(SERVER)]);
        balancing
            .servers
            .extend(of(service(), [direct(SERVER)]).servers);
        let asked = flow("10.10.10.1", SERVER, Progress::Asked);
        balancing.flows = vec![asked; 5];
        let mut answered = flow("10.10.10.1", SERVER, Progress::Answered);
        answered.service = ConnectionService::Endpoint("10.10.10.101:80".parse().unwrap());
        balancing.flows.push(answered);
        let view = HostView {
            paths: [way(SERVER, "eth0")].into(),
            ..HostView::default()
        };
        let findings = check(&view, &balancing);
        assert_eq!(findings.len(), 1);
        let said = "10.10.10.12 has answered none of 5 connections of tcp:10.10.10.100:80";
        assert_eq!(findings[0].problem, said);
    }
}
