//! Whether masqueraded real servers can answer clients past the director, being in their network.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
};

use ipvs::{DestinationStatus, Service};

use crate::{
    IpPrefix, VsSetting,
    node::doctor::{
        balancing::{self, Balancing, Flow, Progress},
        finding::{Finding, FindingKind},
        view::HostView,
    },
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let mut networks: BTreeMap<String, Shared> = BTreeMap::new();
    for (service, status) in balancing.masqueraded() {
        let Some(network) = clients_network(view, balancing, service, status) else {
            continue;
        };
        let shared = networks.entry(network.to_string()).or_default();
        let server = status.destination.id.address;
        if !shared.servers.contains(&server) {
            shared.servers.push(server);
            shared.count(view, balancing, network, server);
        }
        shared.replies_came |= status.stats.outgoing_packets > 0;
    }
    let is_tracked = view.settings.vs(VsSetting::Conntrack) == Some(1);
    let networks = networks.iter();
    networks
        .filter_map(|(network, shared)| shared.finding(network, is_tracked))
        .collect()
}

/// Whether this explains that no reply of a real server passed the director: its clients are beside it.
pub(super) fn explains(
    view: &HostView,
    balancing: &Balancing,
    service: &Service,
    status: &DestinationStatus,
) -> bool {
    let server = status.destination.id.address;
    clients_network(view, balancing, service, status).is_some_and(|network| {
        let mut asked = of_server(balancing, server).filter(|it| it.progress == Progress::Asked);
        asked.all(|flow| network.contains(flow.client))
    })
}

/// Real servers in a network that clients are in, or may be.
#[derive(Default)]
struct Shared {
    servers: Vec<IpAddr>,
    /// Connections of clients in this network.
    asked: usize,
    answered: usize,
    replies_came: bool,
}

impl Shared {
    fn count(&mut self, view: &HostView, balancing: &Balancing, network: IpPrefix, server: IpAddr) {
        let beside = of_server(balancing, server).filter(|flow| is_client(view, network, flow));
        for flow in beside {
            match flow.progress {
                Progress::Asked => self.asked += 1,
                Progress::Answered => self.answered += 1,
                Progress::Unknown => {}
            }
        }
    }

    fn finding(&self, network: &str, is_tracked: bool) -> Option<Finding> {
        // Somebody translates the clients' addresses.
        if self.answered > 0 {
            return None;
        }
        let servers: Vec<_> = self.servers.iter().map(ToString::to_string).collect();
        let said = format!(
            "masqueraded real servers are in the clients' network {network}: {}",
            servers.join(", ")
        );
        let effect = "Real servers answer clients of that network directly, from their own addresses: \
                      these clients time out. Two ways work: give the real servers a network of their \
                      own, with this host as their default gateway; or have a firewall rule on this \
                      host replace the clients' addresses (source NAT, which needs \
                      net.ipv4.vs.conntrack=1).";
        let kind = FindingKind::ServersInClientsNetwork;
        let finding = if self.asked > 0 {
            Finding::problem(kind, said, effect)
        } else if is_tracked || self.replies_came {
            // There may be such a rule, or all clients are behind a router.
            Finding::note(kind, said, effect)
        } else {
            Finding::warning(kind, said, effect)
        };
        Some(finding)
    }
}

/// The network of a real server, if clients connect from it, or to it.
fn clients_network(
    view: &HostView,
    balancing: &Balancing,
    service: &Service,
    status: &DestinationStatus,
) -> Option<IpPrefix> {
    let server = status.destination.id.address;
    let path = view.paths.get(&server)?;
    if status.destination.weight == 0 || path.gateway.is_some() || view.is_local(server) {
        return None;
    }
    let of_vip = balancing::vip(service.id);
    let mut networks = view.networks_of(server).map(|(_, prefix)| prefix.network());
    networks.find(|network| {
        !is_link_local(*network)
            && (of_vip.is_some_and(|vip| network.contains(vip))
                || of_server(balancing, server).any(|flow| is_client(view, *network, flow)))
    })
}

fn of_server(balancing: &Balancing, server: IpAddr) -> impl Iterator<Item = &Flow> {
    let flows = balancing.flows.iter();
    flows.filter(move |flow| flow.server.address == server)
}

/// The director's own connections are answered: real servers answer the director.
fn is_client(view: &HostView, network: IpPrefix, flow: &Flow) -> bool {
    network.contains(flow.client) && view.carriers(flow.client).next().is_none()
}

fn is_link_local(network: IpPrefix) -> bool {
    matches!(network.address(), IpAddr::V6(address) if Ipv6Addr::is_unicast_link_local(&address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        finding::Severity,
        testing::{balancing, flow, masqueraded, way},
        view::tests::{address, link},
    };

    const SERVER: &str = "10.10.10.12";

    fn view(conntrack: i64) -> HostView {
        let mut view = HostView {
            links: vec![link(2, "eth0"), link(3, "eth1")],
            addresses: vec![
                address("10.10.10.11/24", "eth0"),
                address("10.10.20.11/24", "eth1"),
            ],
            paths: [way(SERVER, "eth0"), way("10.10.20.12", "eth1")].into(),
            ..HostView::default()
        };
        view.settings.plant("net.ipv4.vs.conntrack", conntrack);
        view
    }

    fn found(view: &HostView, balancing: &Balancing) -> Option<Severity> {
        let mut findings = check(view, balancing).into_iter();
        let finding = findings.next()?;
        assert_eq!(finding.kind, FindingKind::ServersInClientsNetwork);
        assert_eq!(finding.remedies, [], "no command makes it work");
        assert_eq!(findings.next(), None);
        Some(finding.severity)
    }

    #[test]
    fn a_masqueraded_server_in_the_network_of_the_vip_is_beside_its_clients() {
        let beside = balancing(masqueraded(SERVER));
        assert_eq!(found(&view(0), &beside), Some(Severity::Warning));
        // There may be a rule.
        assert_eq!(found(&view(1), &beside), Some(Severity::Note));
        assert_eq!(
            found(&view(0), &balancing(masqueraded("10.10.20.12"))),
            None
        );
        assert_eq!(
            found(&view(0), &balancing(masqueraded(SERVER).weight(0))),
            None
        );
    }

    #[test]
    fn clients_that_wait_for_an_answer_make_it_a_problem_and_answered_ones_nothing() {
        let with = |client, progress| {
            let mut balancing = balancing(masqueraded(SERVER));
            balancing.flows = vec![flow(client, SERVER, progress)];
            balancing
        };
        let waiting = with("10.10.10.1", Progress::Asked);
        assert_eq!(found(&view(1), &waiting), Some(Severity::Problem));
        assert_eq!(
            found(&view(1), &with("10.10.10.1", Progress::Answered)),
            None
        );
        // The director's own connections say nothing about others.
        let own = with("10.10.10.11", Progress::Answered);
        assert_eq!(found(&view(0), &own), Some(Severity::Warning));
    }

    #[test]
    fn clients_beside_the_server_are_found_whatever_the_network_of_the_vip() {
        let mut balancing = balancing(masqueraded("10.10.20.12"));
        balancing.flows = vec![flow("10.10.20.1", "10.10.20.12", Progress::Asked)];
        assert_eq!(found(&view(0), &balancing), Some(Severity::Problem));
    }
}
