//! Whether one-packet scheduling works for the clients of a service, and for its flows.

use std::collections::BTreeMap;

use ipvs::{Change, ConnectionService, Protocol, Service, ServiceId};

use crate::node::doctor::{
    balancing::Balancing,
    finding::{Finding, FindingKind},
    remedy::Remedy,
    view::HostView,
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let services = balancing.services().filter(|service| service.one_packet);
    let services: Vec<_> = services.collect();
    if services.is_empty() {
        return Vec::new();
    }
    let older = flows(balancing);
    let findings = services.into_iter().filter_map(|service| {
        untranslated(view, balancing, service).or_else(|| older_flows(service.id, &older))
    });
    findings.collect()
}

/// The kernel forgets such a connection once it has forwarded the packet, and finds none when the reply
/// comes. A persistence engine may know what a reply belongs to.
fn untranslated(view: &HostView, balancing: &Balancing, service: &Service) -> Option<Finding> {
    let mut masqueraded = balancing.masqueraded().filter(|(its, status)| {
        let destination = status.destination;
        its.id == service.id && destination.weight > 0 && !view.is_local(destination.id.address)
    });
    masqueraded.next()?;
    if service.persistence_engine.is_some() {
        return None;
    }
    let finding = Finding::problem(
        FindingKind::OnePacketMasqueraded,
        format!(
            "{} schedules each packet, and its real servers are masqueraded",
            service.id
        ),
        "IPVS does not replace the source of the replies: clients get them from an address that they do \
         not know.",
    );
    let mut flows = service.clone();
    flows.one_packet = false;
    let change = Change::UpdateService {
        from: Box::new(service.clone()),
        to: Box::new(flows),
    };
    Some(finding.fix(Remedy::Change(change)))
}

type Flows = BTreeMap<(Protocol, ConnectionService), usize>;

/// The kernel lists no connection that was scheduled as one packet: each entry of such a service is
/// older.
fn flows(balancing: &Balancing) -> Flows {
    let mut flows = Flows::new();
    for flow in &balancing.flows {
        *flows.entry((flow.protocol, flow.service)).or_default() += 1;
    }
    flows
}

fn older_flows(id: ServiceId, flows: &Flows) -> Option<Finding> {
    let ServiceId::Address { protocol, endpoint } = id else {
        return None;
    };
    let flows = match flows.get(&(protocol, ConnectionService::Endpoint(endpoint)))? {
        1 => "1 flow".to_owned(),
        many => format!("{many} flows"),
    };
    Some(Finding::note(
        FindingKind::FlowsBeforeOnePacket,
        format!("{id} schedules each packet, but {flows} began before that was set"),
        "These clients stay with their real server until they pause for the UDP timeout.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        balancing::Progress,
        testing::{direct, flow, kinds, masqueraded, of, service},
    };

    fn udp() -> Service {
        Service::udp("10.10.10.100:80".parse::<ipvs::Endpoint>().unwrap())
    }

    #[test]
    fn flows_in_the_table_of_a_one_packet_service_are_older() {
        let found = |service: Service, protocol| {
            let mut balancing = of(service, [direct("10.10.10.12")]);
            let mut flow = flow("10.10.10.1", "10.10.10.12", Progress::Unknown);
            flow.protocol = protocol;
            balancing.flows = vec![flow];
            kinds(&check(&HostView::default(), &balancing))
        };
        let older = [FindingKind::FlowsBeforeOnePacket];
        assert_eq!(found(udp().one_packet(), Protocol::Udp), older);
        assert_eq!(found(udp().one_packet(), Protocol::Tcp), []);
        assert_eq!(found(udp(), Protocol::Udp), []);
        assert_eq!(found(service(), Protocol::Tcp), []);
    }

    #[test]
    fn replies_of_masqueraded_servers_are_translated_only_for_flows() {
        let found = |service: Service, server| check(&HostView::default(), &of(service, [server]));
        let server = masqueraded("10.10.20.12");
        let findings = found(udp().one_packet(), server);
        assert_eq!(kinds(&findings), [FindingKind::OnePacketMasqueraded]);
        let change = Change::UpdateService {
            from: Box::new(udp().one_packet()),
            to: Box::new(udp()),
        };
        assert!(
            findings
                .iter()
                .all(|it| it.remedies == [Remedy::Change(change.clone())])
        );
        assert_eq!(found(udp(), server), []);
        assert_eq!(found(udp().one_packet(), direct("10.10.10.12")), []);
    }
}
