//! Whether the routes to the real servers carry the packets of clients.

use std::{collections::BTreeMap, net::IpAddr};

use ipvs::{Change, Destination, Encapsulation, Forwarding, ServiceId};

use crate::{
    DeviceName, LinkState, PathTo, Reach, Tunnel,
    node::doctor::{
        balancing::{self, Balancing},
        finding::{Finding, FindingKind},
        remedy::{Open, Remedy},
        view::HostView,
    },
};

type Behind = Vec<(ServiceId, Destination)>;

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    // One finding for a server, however many services it serves.
    let mut servers: BTreeMap<IpAddr, Behind> = BTreeMap::new();
    for (service, status) in balancing.destinations() {
        let destination = status.destination;
        if destination.weight > 0 {
            let behind = servers.entry(destination.id.address).or_default();
            behind.push((service.id, destination));
        }
    }
    let findings = servers.into_iter().filter_map(|(address, behind)| {
        let path = view.paths.get(&address);
        match path {
            None => Some(unreachable(view, address)),
            Some(path) => match path.reach {
                Reach::Local => None,
                Reach::Nowhere => Some(unreachable(view, address)),
                _ => behind_gateway(path, address, &behind),
            },
        }
    });
    findings.collect()
}

/// Whether a finding here explains that the clients of a real server get no answer.
pub(super) fn explains(view: &HostView, destination: &Destination) -> bool {
    match view.paths.get(&destination.id.address) {
        None => true,
        Some(path) if path.reach == Reach::Nowhere => true,
        Some(path) => path.gateway.is_some() && destination.forwarding == Forwarding::Direct,
    }
}

fn unreachable(view: &HostView, address: IpAddr) -> Finding {
    let said = format!("there is no route to the real server {address}");
    // The kernel takes the route to a network away with its device, and brings it back with it.
    let (said, remedy) = match device_that_is_down(view, address) {
        Some(device) => (
            format!("{said}: {device}, which is in its network, is down"),
            Remedy::SwitchOn(device.clone()),
        ),
        None => (said, Remedy::Open(Open::AddRoute(address))),
    };
    let finding = Finding::problem(
        FindingKind::ServerUnreachable,
        said,
        "The clients of this real server get no answer.",
    );
    finding.fix(remedy)
}

fn device_that_is_down(view: &HostView, address: IpAddr) -> Option<&DeviceName> {
    let around = view.addresses.iter();
    let mut around = around.filter(|it| it.address.prefix.contains(address));
    let link = around.find_map(|it| view.link_of(it))?;
    (link.state == LinkState::Down).then_some(&link.name)
}

/// The gateway receives the frame, and sends the packet in it back to the VIP.
fn behind_gateway(path: &PathTo, address: IpAddr, behind: &Behind) -> Option<Finding> {
    let gateway = path.gateway?;
    let mut directly = behind
        .iter()
        .filter(|(_, destination)| destination.forwarding == Forwarding::Direct)
        .peekable();
    directly.peek()?;
    let finding = Finding::problem(
        FindingKind::ServerBehindGateway,
        format!("{address} is behind the gateway {gateway}, which direct routing cannot pass"),
        "The gateway receives packets for the VIP and sends them back to the VIP: the clients of this \
         real server get no answer.",
    );
    let remedies = directly.flat_map(|&(service, destination)| {
        let there = Remedy::Open(Open::SetUpRealServer {
            vip: balancing::vip(service),
            tunnel: Some(Tunnel::ipip()),
        });
        let here = Remedy::Change(Change::UpdateDestination {
            service,
            from: destination,
            to: destination.forwarding(Forwarding::Tunnel(Encapsulation::Ipip)),
        });
        [there.on(address), here]
    });
    Some(finding.fix_all(remedies))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        testing::{balancing, direct, kinds, masqueraded, service, way},
        view::tests::{address, link},
    };

    fn view() -> HostView {
        HostView {
            paths: [way("10.10.10.12", "eth0")].into(),
            ..HostView::default()
        }
    }

    #[test]
    fn a_server_without_a_route_is_named() {
        let findings = check(&HostView::default(), &balancing(direct("10.10.10.12")));
        assert_eq!(kinds(&findings), [FindingKind::ServerUnreachable]);
        assert_eq!(check(&view(), &balancing(direct("10.10.10.12"))), []);
    }

    #[test]
    fn no_route_is_missing_where_the_device_is_down() {
        let mut view = HostView {
            links: vec![link(2, "eth0")],
            addresses: vec![address("10.10.10.11/24", "eth0")],
            ..HostView::default()
        };
        let remedies = |view: &HostView| {
            let found = check(view, &balancing(direct("10.10.10.12")));
            assert_eq!(kinds(&found), [FindingKind::ServerUnreachable]);
            found
                .into_iter()
                .flat_map(|it| it.remedies)
                .collect::<Vec<_>>()
        };
        let server = "10.10.10.12".parse().unwrap();
        assert_eq!(remedies(&view), [Remedy::Open(Open::AddRoute(server))]);
        for link in &mut view.links {
            link.state = LinkState::Down;
        }
        let eth0 = DeviceName::from_kernel("eth0".to_owned());
        assert_eq!(remedies(&view), [Remedy::SwitchOn(eth0)]);
    }

    #[test]
    fn direct_routing_cannot_pass_a_gateway() {
        let mut view = view();
        for path in view.paths.values_mut() {
            path.gateway = Some("10.10.10.1".parse().unwrap());
        }
        let findings = check(&view, &balancing(direct("10.10.10.12")));
        assert_eq!(kinds(&findings), [FindingKind::ServerBehindGateway]);
        let there = Remedy::Open(Open::SetUpRealServer {
            vip: "10.10.10.100".parse().ok(),
            tunnel: Some(Tunnel::ipip()),
        });
        let from = direct("10.10.10.12");
        let here = Remedy::Change(Change::UpdateDestination {
            service: service().id,
            from,
            to: from.forwarding(Forwarding::Tunnel(Encapsulation::Ipip)),
        });
        let both = [there.on("10.10.10.12".parse().unwrap()), here];
        assert!(findings.iter().all(|finding| finding.remedies == both));
        assert_eq!(check(&view, &balancing(masqueraded("10.10.10.12"))), []);
    }
}
