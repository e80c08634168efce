//! Settings of IPVS that hurt together, or with what is balanced.

use crate::{
    Sysctl, VsSetting,
    node::doctor::{
        Balancing, Finding, FindingKind, Transport,
        balancing::Affinity,
        view::{HostView, KernelVersion},
    },
};

/// From this kernel on a connection is given to another server at once, whether the firewall knows
/// it or not.
const REUSES_AT_ONCE: KernelVersion = KernelVersion(5, 9);

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    [
        connection_reuse(view),
        deleted_udp_servers(view, balancing),
        drained_persistent_servers(view, balancing),
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
            let effect = "A client that uses a port again gets its old server, even one that has \
                          weight 0 since: busy clients never leave a drained server.";
            // There the other choice is a delay.
            let finding = if waits {
                Finding::note(kind, said, effect)
            } else {
                Finding::warning(kind, said, effect)
            };
            Some(finding.mend(set(VsSetting::ConnReuseMode, 1)))
        }
        _ if waits => {
            let finding = Finding::warning(
                FindingKind::ConnectionReuseDelayed,
                format!(
                    "{} and conn_reuse_mode is {mode}, on a kernel older than 5.9",
                    said_of(VsSetting::Conntrack, 1)
                ),
                "A client that uses a port again waits for a second until it is connected. If no \
                 firewall rule needs to know the connections, they need not be tracked.",
            );
            Some(finding.mend(set(VsSetting::Conntrack, 0)))
        }
        _ => None,
    }
}

fn deleted_udp_servers(view: &HostView, balancing: &Balancing) -> Option<Finding> {
    let mut services = balancing.services.iter();
    let udp = services.find(|service| service.transport() == Some(Transport::Udp))?;
    if view.settings.vs(VsSetting::ExpireNodestConn)? != 0 {
        return None;
    }
    let finding = Finding::note(
        FindingKind::DeletedServerKeepsClients,
        format!(
            "{} is 0, and {udp} is balanced",
            Sysctl::Vs(VsSetting::ExpireNodestConn)
        ),
        "When a destination is deleted, clients that go on sending stay with it: their packets are \
         dropped until they pause for as long as the UDP timeout.",
    );
    Some(finding.mend(set(VsSetting::ExpireNodestConn, 1)))
}

fn drained_persistent_servers(view: &HostView, balancing: &Balancing) -> Option<Finding> {
    let mut drained = balancing
        .servers()
        .filter(|(service, server)| service.affinity == Affinity::Persistent && server.weight == 0);
    let (service, server) = drained.next()?;
    if view.settings.vs(VsSetting::ExpireQuiescentTemplate)? != 0 {
        return None;
    }
    let finding = Finding::warning(
        FindingKind::DrainedServerKeepsClients,
        format!(
            "{} is 0, and {} has weight 0 behind {service}, which is persistent",
            Sysctl::Vs(VsSetting::ExpireQuiescentTemplate),
            server.address
        ),
        "Clients that it had go on getting it, for each new connection, until they stay away for as \
         long as the persistence lasts.",
    );
    Some(finding.mend(set(VsSetting::ExpireQuiescentTemplate, 1)))
}

fn set(setting: VsSetting, value: i64) -> String {
    format!("sysctl -w {}={value}", Sysctl::Vs(setting))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        BalancedService,
        tests::{direct, kinds, service},
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
    fn ports_that_come_back_wait_only_on_old_kernels_with_tracking() {
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
    fn where_each_choice_hurts_the_smaller_is_a_note() {
        let old = view(1, 0, KernelVersion(5, 4));
        let finding = connection_reuse(&old).unwrap();
        assert_eq!(finding.severity, crate::Severity::Note);
    }

    #[test]
    fn udp_and_persistence_need_a_setting_each() {
        let view = view(0, 1, KernelVersion(6, 1));
        let vip = "10.10.10.100".parse().unwrap();
        let dns = BalancedService::at(Transport::Udp, vip, "53".parse().ok());
        let sticky = service()
            .persistent()
            .server(direct("10.10.10.12").weight(0));
        let found = |service| kinds(&check(&view, &Balancing::new().service(service)));
        assert_eq!(found(service()), []);
        assert_eq!(found(dns), [FindingKind::DeletedServerKeepsClients]);
        assert_eq!(found(sticky), [FindingKind::DrainedServerKeepsClients]);
        assert_eq!(
            found(service().persistent().server(direct("10.10.10.12"))),
            []
        );
    }
}
