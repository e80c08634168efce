//! Whether packets get to the real servers.

use std::{collections::BTreeMap, net::IpAddr};

use crate::{
    NeighbourState, PathTo, Reach,
    node::doctor::{
        BalancedServer, BalancedService, Balancing, Finding, FindingKind, ForwardingMethod,
        view::HostView,
    },
};

type Behind<'a> = Vec<(&'a BalancedService, &'a BalancedServer)>;

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    // A server is there or not whatever it serves.
    let mut servers: BTreeMap<IpAddr, Behind<'_>> = BTreeMap::new();
    for (service, server) in balancing.servers().filter(|(_, server)| server.weight > 0) {
        let behind = servers.entry(server.address).or_default();
        behind.push((service, server));
    }
    let findings = servers.into_iter().filter_map(|(address, behind)| {
        let path = view.paths.get(&address);
        match path {
            None => Some(unreachable(address)),
            Some(path) => match path.reach {
                Reach::Local => None,
                Reach::Nowhere => Some(unreachable(address)),
                _ => behind_gateway(path, address, &behind).or_else(|| silent(view, path, address)),
            },
        }
    });
    findings.collect()
}

fn unreachable(address: IpAddr) -> Finding {
    let finding = Finding::problem(
        FindingKind::ServerUnreachable,
        format!("there is no route to the real server {address}"),
        "Connections that it is given fail: its share of the clients gets no answer.",
    );
    finding.mend(format!("ip route add {address} via GATEWAY"))
}

/// The frame would go to the gateway, and the packet in it back to the VIP.
fn behind_gateway(path: &PathTo, address: IpAddr, behind: &Behind<'_>) -> Option<Finding> {
    let gateway = path.gateway?;
    let mut directly = behind
        .iter()
        .filter(|(_, server)| server.forwarding == ForwardingMethod::Direct)
        .peekable();
    directly.peek()?;
    let finding = Finding::problem(
        FindingKind::ServerBehindGateway,
        format!("{address} is reached by the gateway {gateway}, and direct routing passes none"),
        "The packet for the VIP goes to the gateway, which sends it back to the VIP: its share of \
         the clients gets no answer.",
    );
    let commands = directly.flat_map(|(service, server)| {
        let vip = service.vip().map(|vip| vip.to_string());
        let vip = vip.unwrap_or_else(|| "VIP".to_owned());
        [
            format!(
                "ipvs-rs real-server up --vip {vip} --device DEVICE --forward ipip  # on {address}"
            ),
            format!(
                "ipvs-rs edit-destination {} -r {} --tunnel ipip",
                service.options(),
                server.typed()
            ),
        ]
    });
    Some(finding.mend_all(commands))
}

fn silent(view: &HostView, path: &PathTo, address: IpAddr) -> Option<Finding> {
    let next = path.gateway.unwrap_or(address);
    let asked = view
        .neighbours
        .iter()
        .find(|it| it.address == next && it.device == path.device)?;
    if asked.state != NeighbourState::Silent {
        return None;
    }
    let who = match path.gateway {
        None => format!("the real server {address}"),
        Some(gateway) => format!("{gateway}, the gateway to the real server {address},"),
    };
    // What failed once stays so until somebody sends again: it may have come back since.
    let finding = Finding::warning(
        FindingKind::ServerSilent,
        format!(
            "{who} did not answer on {} when it was asked last",
            path.device
        ),
        "If it is down, or on another network, its share of the clients gets no answer until it has \
         no weight any more.",
    );
    Some(finding.mend(format!(
        "ping -c 3 {next}  # asks again; if it answers, all is well"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        DeviceName, Neighbour,
        node::doctor::tests::{balancing, direct, kinds, remedies, way},
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
    fn direct_routing_passes_no_gateway() {
        let mut view = view();
        for path in view.paths.values_mut() {
            path.gateway = Some("10.10.10.1".parse().unwrap());
        }
        let findings = check(&view, &balancing(direct("10.10.10.12")));
        assert_eq!(kinds(&findings), [FindingKind::ServerBehindGateway]);
        let there = "ipvs-rs real-server up --vip 10.10.10.100 --device DEVICE --forward ipip  \
                     # on 10.10.10.12";
        let tunnel = "ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 --tunnel ipip";
        assert_eq!(remedies(&findings), [there, tunnel]);
        let address = "10.10.10.12".parse().unwrap();
        let masqueraded = BalancedServer::new(address, ForwardingMethod::Masquerade);
        assert_eq!(check(&view, &balancing(masqueraded)), []);
    }

    #[test]
    fn a_server_that_did_not_answer_is_to_be_asked_again() {
        let mut view = view();
        view.neighbours.push(Neighbour {
            address: "10.10.10.12".parse().unwrap(),
            device: DeviceName::from_kernel("eth0".to_owned()),
            mac: None,
            state: NeighbourState::Silent,
        });
        let findings = check(&view, &balancing(direct("10.10.10.12")));
        assert_eq!(kinds(&findings), [FindingKind::ServerSilent]);
        let drained = balancing(direct("10.10.10.12").weight(0));
        assert_eq!(check(&view, &drained), []);
    }
}
