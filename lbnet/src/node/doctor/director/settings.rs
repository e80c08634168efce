//! Settings of IPVS that are harmful together, or with what is balanced.

use std::net::IpAddr;

use ipvs::{Forwarding, Protocol};

use crate::{
    Sysctl, VsSetting,
    node::doctor::{
        balancing::{self, Balancing, Progress},
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::{HostView, KernelVersion},
    },
};

/// Since this version the kernel gives such a connection to another server at once, even if netfilter
/// tracks it.
const REUSES_AT_ONCE: KernelVersion = KernelVersion(5, 9);

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    [
        connection_reuse(view),
        deleted_udp_servers(view, balancing),
        drained_persistent_servers(view, balancing),
        drained_servers_of_unseen_replies(view, balancing),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn connection_reuse(view: &HostView) -> Option<Finding> {
    let mode = view.settings.vs(VsSetting::ConnReuseMode)?;
    let tracked = view.settings.vs(VsSetting::Conntrack) == Some(1);
    let waits = tracked && view.kernel.is_some_and(|kernel| kernel < REUSES_AT_ONCE);
    let said_of = |setting, value| format!("{} is {value}", Sysctl::Vs(setting));
    match mode {
        0 => {
            let kind = FindingKind::ConnectionReuseOff;
            let said = said_of(VsSetting::ConnReuseMode, 0);
            let effect = "A client that reuses a port gets its old real server, even if that has weight 0 \
                          now: busy clients never leave a drained server.";
            // On such a kernel the other choice is a delay.
            let finding = if waits {
                Finding::note(kind, said, effect)
            } else {
                Finding::warning(kind, said, effect)
            };
            Some(finding.fix(set(VsSetting::ConnReuseMode, 1)))
        }
        _ if waits => {
            let finding = Finding::warning(
                FindingKind::ConnectionReuseDelayed,
                format!(
                    "{} and conn_reuse_mode is {mode}, on a kernel older than 5.9",
                    said_of(VsSetting::Conntrack, 1)
                ),
                "A client that reuses a port waits for a second until it is connected. Connections need \
                 not be tracked if no firewall rule matches on their state.",
            );
            Some(finding.fix(set(VsSetting::Conntrack, 0)))
        }
        _ => None,
    }
}

fn deleted_udp_servers(view: &HostView, balancing: &Balancing) -> Option<Finding> {
    let mut services = balancing.services().map(|service| service.id);
    let udp = services.find(|id| balancing::protocol(*id) == Some(Protocol::Udp))?;
    if view.settings.vs(VsSetting::ExpireNodestConn)? != 0 {
        return None;
    }
    let finding = Finding::note(
        FindingKind::DeletedServerKeepsClients,
        format!(
            "{} is 0, and {udp} is balanced",
            Sysctl::Vs(VsSetting::ExpireNodestConn)
        ),
        "After a destination is deleted, its clients stay with it as long as they keep sending: the \
         kernel drops their packets until they pause for the UDP timeout.",
    );
    Some(finding.fix(set(VsSetting::ExpireNodestConn, 1)))
}

fn drained_persistent_servers(view: &HostView, balancing: &Balancing) -> Option<Finding> {
    let mut drained = balancing.destinations().filter(|(service, status)| {
        service.persistence.is_some() && status.destination.weight == 0
    });
    let (service, status) = drained.next()?;
    if view.settings.vs(VsSetting::ExpireQuiescentTemplate)? != 0 {
        return None;
    }
    let finding = Finding::warning(
        FindingKind::DrainedServerKeepsClients,
        format!(
            "{} is 0, and {} has weight 0 in the persistent service {}",
            Sysctl::Vs(VsSetting::ExpireQuiescentTemplate),
            status.destination.id.address,
            service.id
        ),
        "New connections of its persistent clients still go to this real server, until a client stays \
         away for the persistence timeout.",
    );
    Some(finding.fix(set(VsSetting::ExpireQuiescentTemplate, 1)))
}

/// Replies of masqueraded servers pass this host, so the kernel sees connections end, and chooses again
/// with `conn_reuse_mode` 1. All others stay in FIN_WAIT for two minutes. Clients of a dead server are in
/// SYN_RECV, where no mode helps.
fn drained_servers_of_unseen_replies(view: &HostView, balancing: &Balancing) -> Option<Finding> {
    let mut drained = balancing.destinations().filter(|(service, status)| {
        balancing::protocol(service.id) == Some(Protocol::Tcp)
            && status.destination.weight == 0
            && status.destination.forwarding != Forwarding::Masquerade
            && has_answered(balancing, status.destination.id.address)
    });
    let (service, status) = drained.next()?;
    let mode = view.settings.vs(VsSetting::ConnReuseMode)?;
    // With 0, another finding says more.
    if mode == 0 || mode == 3 || view.settings.vs(VsSetting::ExpireNodestConn)? != 0 {
        return None;
    }
    let finding = Finding::note(
        FindingKind::DrainedServerKeepsPorts,
        format!(
            "{} is {mode}, and {} has weight 0 and connections in {}",
            Sysctl::Vs(VsSetting::ConnReuseMode),
            status.destination.id.address,
            service.id
        ),
        "A client that reuses the port of one of these connections is sent to this real server again. \
         Once the destination is deleted, such a client gets no answer until the kernel forgets the \
         connection.",
    );
    Some(finding.fix(set(VsSetting::ConnReuseMode, 3)))
}

fn has_answered(balancing: &Balancing, server: IpAddr) -> bool {
    let mut flows = balancing.flows.iter();
    flows.any(|it| it.server.address == server && it.progress == Progress::Answered)
}

fn set(setting: VsSetting, value: i64) -> Remedy {
    Remedy::set(Sysctl::Vs(setting), value)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ipvs::{Destination, Endpoint, Service};

    use super::*;
    use crate::node::doctor::{
        finding::Severity,
        testing::{direct, flow, kinds, masqueraded, of, service},
    };

    fn view(conntrack: i64, reuse: i64, kernel: KernelVersion) -> HostView {
        let mut view = HostView {
            kernel: Some(kernel),
            ..HostView::default()
        };
        view.settings.plant("net.ipv4.vs.conntrack", conntrack);
        view.settings.plant("net.ipv4.vs.conn_reuse_mode", reuse);
        view.settings.plant("net.ipv4.vs.expire_nodest_conn", 0);
        view.settings
            .plant("net.ipv4.vs.expire_quiescent_template", 0);
        view
    }

    #[test]
    fn clients_that_reuse_a_port_wait_only_on_old_kernels_with_tracking() {
        let (old, new) = (KernelVersion(5, 4), KernelVersion(6, 1));
        for (conntrack, reuse, kernel, found) in [
            (0, 1, old, None),
            (1, 1, new, None),
            (1, 1, old, Some(FindingKind::ConnectionReuseDelayed)),
            (0, 0, new, Some(FindingKind::ConnectionReuseOff)),
            (1, 0, old, Some(FindingKind::ConnectionReuseOff)),
        ] {
            let finding = connection_reuse(&view(conntrack, reuse, kernel));
            assert_eq!(finding.map(|it| it.kind), found, "{conntrack} {reuse}");
        }
    }

    #[test]
    fn if_each_choice_is_harmful_the_lesser_one_is_a_note() {
        let old = view(1, 0, KernelVersion(5, 4));
        let finding = connection_reuse(&old).unwrap();
        assert_eq!(finding.severity, Severity::Note);
    }

    #[test]
    fn a_drained_server_keeps_ports_where_the_kernel_does_not_see_its_replies() {
        let seen = |mode, server: Destination, progress| {
            let mut balancing = of(service(), [server.weight(0)]);
            let client = flow("10.10.10.1", "10.10.10.12", progress);
            balancing.flows.push(client);
            kinds(&check(&view(0, mode, KernelVersion(6, 1)), &balancing))
        };
        let found = |mode, server| seen(mode, server, Progress::Answered);
        let ports = [FindingKind::DrainedServerKeepsPorts];
        assert_eq!(found(1, direct("10.10.10.12")), ports);
        assert_eq!(found(3, direct("10.10.10.12")), []);
        assert_eq!(found(1, masqueraded("10.10.10.12")), []);
        let dead = seen(1, direct("10.10.10.12"), Progress::Asked);
        assert_eq!(dead, []);
        let idle = direct("10.10.10.12").weight(0);
        assert_eq!(
            check(&view(0, 1, KernelVersion(6, 1)), &of(service(), [idle])),
            []
        );
    }

    #[test]
    fn udp_and_persistence_need_a_setting_each() {
        let view = view(0, 1, KernelVersion(6, 1));
        let dns = Service::udp("10.10.10.100:53".parse::<Endpoint>().unwrap());
        let sticky = service().persistent(Duration::from_secs(300));
        let server = direct("10.10.10.12");
        let found =
            |service: &Service, server| kinds(&check(&view, &of(service.clone(), [server])));
        assert_eq!(found(&service(), server), []);
        assert_eq!(
            found(&dns, server),
            [FindingKind::DeletedServerKeepsClients]
        );
        let drained = server.weight(0);
        assert_eq!(
            found(&sticky, drained),
            [FindingKind::DrainedServerKeepsClients]
        );
        assert_eq!(found(&sticky, server), []);
    }
}
