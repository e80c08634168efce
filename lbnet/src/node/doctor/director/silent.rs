//! Whether the real servers are alive, as far as their neighbours can tell.

use std::{collections::BTreeMap, net::IpAddr};

use ipvs::{Change, Forwarding, NewClients, VirtualServerStatus};

use crate::{
    DeviceName, Link, NeighbourState, NoCarrier, Reach, Sysctl, VsSetting,
    node::doctor::{
        balancing::Balancing,
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::{HostView, Question},
    },
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let ways = ways(view, balancing);
    let silent = ways.iter().filter(|(_, way)| way.is_silent(view));
    let dead: Vec<_> = silent.map(|(server, _)| *server).collect();
    let going_on = that_go_on_without(balancing, &dead);
    let findings = ways.iter().filter_map(|(server, way)| {
        if way.answered(view).is_none() {
            return way.perhaps_silent(view, *server);
        }
        let remedies = || take_out(view, &going_on, *server);
        let is_dead = dead.binary_search(server).is_ok();
        is_dead.then(|| way.silent(*server).fix_all(remedies()))
    });
    findings.collect()
}

/// Whether a real server is certainly dead, or the gateway to it.
pub(super) fn is_dead(view: &HostView, server: IpAddr) -> bool {
    Way::to(view, server).is_some_and(|way| way.is_silent(view))
}

/// Are the real servers there, or the gateways to them?
pub(super) fn questions(view: &HostView, balancing: &Balancing) -> Vec<Question> {
    let ways = ways(view, balancing).into_values();
    let asked = ways.filter(|way| {
        let link = view.link(way.device);
        // The kernel does not ask for an entry that was added by hand, and such a host need not answer.
        let is_by_hand = way.cached(view) == Some(NeighbourState::Permanent);
        // Behind a device without a carrier, nobody can answer.
        let is_connected =
            |link: &Link| link.resolves_neighbours() && NoCarrier::of(link, &view.links).is_none();
        link.is_some_and(is_connected) && !is_by_hand
    });
    let mut questions: Vec<_> = asked.map(|way| way.question()).collect();
    questions.sort_unstable();
    questions.dedup();
    questions
}

/// The first hop to a real server.
struct Way<'a> {
    next: IpAddr,
    gateway: Option<IpAddr>,
    device: &'a DeviceName,
}

/// The ways to the real servers that get clients.
fn ways<'a>(view: &'a HostView, balancing: &Balancing) -> BTreeMap<IpAddr, Way<'a>> {
    let mut ways = BTreeMap::new();
    for (_, status) in balancing.destinations() {
        let destination = status.destination;
        let server = destination.id.address;
        let Some(way) = Way::to(view, server) else {
            continue;
        };
        // Such packets do not get further than the gateway, which is another finding.
        let is_stuck = destination.forwarding == Forwarding::Direct && way.gateway.is_some();
        if destination.weight > 0 && !is_stuck {
            ways.insert(server, way);
        }
    }
    ways
}

impl<'a> Way<'a> {
    fn to(view: &'a HostView, server: IpAddr) -> Option<Self> {
        let path = view.paths.get(&server)?;
        let leaves = !matches!(path.reach, Reach::Local | Reach::Nowhere);
        leaves.then(|| Self {
            next: path.gateway.unwrap_or(server),
            gateway: path.gateway,
            device: &path.device,
        })
    }

    fn question(&self) -> Question {
        (self.next, self.device.clone())
    }

    /// Whether it answered; none if it was not asked.
    fn answered(&self, view: &HostView) -> Option<bool> {
        view.answers.is_held(&self.question())
    }

    fn is_silent(&self, view: &HostView) -> bool {
        self.answered(view) == Some(false)
    }

    fn cached(&self, view: &HostView) -> Option<NeighbourState> {
        let mut neighbours = view.neighbours.iter();
        let entry = neighbours.find(|it| it.address == self.next && it.device == *self.device);
        entry.map(|entry| entry.state)
    }

    fn silent(&self, server: IpAddr) -> Finding {
        let (who, device) = (self.who(server), self.device);
        let question = if self.next.is_ipv4() {
            "ARP"
        } else {
            "neighbour discovery"
        };
        Finding::problem(
            FindingKind::ServerSilent,
            format!("{who} does not answer {question} on {device}"),
            "It is down or in another network. The clients that this host sends there get no answer. \
             Weight 0 keeps new clients away until it is back.",
        )
    }

    /// The kernel keeps the failure until it sends again: the server may have come back since.
    fn perhaps_silent(&self, view: &HostView, server: IpAddr) -> Option<Finding> {
        let link = view.link(self.device)?;
        let is_connected = NoCarrier::of(link, &view.links).is_none();
        if self.cached(view)? != NeighbourState::Failed || !is_connected {
            return None;
        }
        let (who, device) = (self.who(server), self.device);
        let finding = Finding::warning(
            FindingKind::ServerSilent,
            format!("{who} did not answer the last ARP or neighbour discovery request on {device}"),
            "If it is down or in another network, the clients that this host sends there get no answer \
             until the weight is 0.",
        );
        Some(finding.fix(Remedy::Ping(self.next)))
    }

    fn who(&self, server: IpAddr) -> String {
        match self.gateway {
            None => format!("the real server {server}"),
            Some(gateway) => format!("{gateway}, the gateway to the real server {server},"),
        }
    }
}

/// The services that serve every client without these servers.
fn that_go_on_without<'a>(
    balancing: &'a Balancing,
    dead: &[IpAddr],
) -> Vec<&'a VirtualServerStatus> {
    let services = balancing.servers.iter();
    let go_on = services.filter(|service| {
        let mut without = VirtualServerStatus::clone(service);
        for status in &mut without.destinations {
            if dead.binary_search(&status.destination.id.address).is_ok() {
                status.destination.weight = 0;
            }
        }
        without.new_clients(balancing.cache_bypass) == NewClients::Served
    });
    go_on.collect()
}

/// Weight 0 for a server, in services that have others.
fn take_out(view: &HostView, going_on: &[&VirtualServerStatus], server: IpAddr) -> Vec<Remedy> {
    let mut remedies = Vec::new();
    for status in going_on {
        let service = &status.service.service;
        let of_server = status.destinations.iter().map(|it| it.destination);
        for destination in of_server.filter(|it| it.id.address == server && it.weight > 0) {
            // Otherwise its persistent clients stay.
            let setting = VsSetting::ExpireQuiescentTemplate;
            if service.persistence.is_some() && view.settings.vs(setting) == Some(0) {
                let set = Remedy::set(Sysctl::Vs(setting), 1);
                if !remedies.contains(&set) {
                    remedies.push(set);
                }
            }
            remedies.push(Remedy::Change(Change::UpdateDestination {
                service: service.id,
                from: destination,
                to: destination.weight(0),
            }));
        }
    }
    remedies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Neighbour,
        node::doctor::{
            finding::Severity,
            testing::{direct, holder, masqueraded, of, remedies, service, way},
            view::{Answers, tests::link},
        },
    };

    const DEAD: &str = "10.10.10.12";
    const ALIVE: &str = "10.10.10.13";

    fn view() -> HostView {
        HostView {
            links: vec![link(2, "eth0")],
            paths: [way(DEAD, "eth0"), way(ALIVE, "eth0")].into(),
            ..HostView::default()
        }
    }

    /// After the network was asked, and these answered.
    fn asked<const N: usize>(
        mut view: HostView,
        balancing: &Balancing,
        alive: [&str; N],
    ) -> HostView {
        let asked = questions(&view, balancing);
        let holders = alive.map(|it| holder(it, "eth0")).into();
        view.answers = Answers::Given { asked, holders };
        view
    }

    fn neighbour(address: &str, state: NeighbourState) -> Neighbour {
        Neighbour {
            address: address.parse().unwrap(),
            device: DeviceName::from_kernel("eth0".to_owned()),
            mac: None,
            state,
        }
    }

    #[test]
    fn a_dead_server_is_a_problem_and_taken_out_where_others_serve() {
        let balancing = of(service(), [direct(DEAD), direct(ALIVE)]);
        let view = asked(view(), &balancing, [ALIVE]);
        let findings = check(&view, &balancing);
        let [finding] = &*findings else {
            panic!("{findings:?}");
        };
        let said = "the real server 10.10.10.12 does not answer ARP on eth0";
        assert_eq!(finding.problem, said);
        assert_eq!(finding.severity, Severity::Problem);
        let change = Change::UpdateDestination {
            service: service().id,
            from: direct(DEAD),
            to: direct(DEAD).weight(0),
        };
        assert_eq!(finding.remedies, [Remedy::Change(change)]);
        let drained = of(service(), [direct(DEAD).weight(0), direct(ALIVE)]);
        assert_eq!(check(&view, &drained), []);
    }

    #[test]
    fn the_last_server_is_not_taken_out() {
        for balancing in [
            of(service(), [direct(DEAD)]),
            of(service(), [direct(DEAD), direct(ALIVE).weight(0)]),
            of(
                service().hashed(ipvs::Hashing::maglev()),
                [direct(DEAD), direct(ALIVE)],
            ),
        ] {
            let view = asked(view(), &balancing, [ALIVE]);
            let findings = check(&view, &balancing);
            assert_eq!(findings.len(), 1);
            assert_eq!(remedies(&findings), [""; 0]);
        }
        let both = of(service(), [direct(DEAD), direct(ALIVE)]);
        let findings = check(&asked(view(), &both, []), &both);
        assert_eq!((findings.len(), remedies(&findings).len()), (2, 0));
    }

    #[test]
    fn a_server_behind_a_dead_gateway_is_not_reached() {
        let balancing = of(service(), [masqueraded(DEAD)]);
        let mut view = view();
        for path in view.paths.values_mut() {
            path.gateway = Some("10.10.10.1".parse().unwrap());
        }
        let findings = check(&asked(view, &balancing, []), &balancing);
        let said =
            "10.10.10.1, the gateway to the real server 10.10.10.12, does not answer ARP on eth0";
        assert_eq!(findings[0].problem, said);
    }

    #[test]
    fn a_neighbour_that_was_added_by_hand_is_not_asked() {
        let balancing = of(service(), [direct(DEAD)]);
        let mut view = view();
        view.neighbours
            .push(neighbour(DEAD, NeighbourState::Permanent));
        assert_eq!(check(&asked(view, &balancing, []), &balancing), []);
    }

    #[test]
    fn a_server_that_did_not_answer_may_have_come_back() {
        let balancing = of(service(), [direct(DEAD)]);
        let mut view = view();
        view.neighbours
            .push(neighbour(DEAD, NeighbourState::Failed));
        let findings = check(&view, &balancing);
        assert_eq!(findings[0].severity, Severity::Warning);
        let ping = Remedy::Ping(DEAD.parse().unwrap());
        assert_eq!(findings[0].remedies, [ping]);
        let alive = asked(view, &balancing, [DEAD]);
        assert_eq!(check(&alive, &balancing), []);
    }
}
