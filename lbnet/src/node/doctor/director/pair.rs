//! Whether this host balances the packets that another director has already sent to it.

use ipvs::{DestinationStatus, Forwarding, ServiceId, SyncRole, VirtualServerStatus};

use crate::{
    Sysctl, VsSetting,
    node::doctor::{
        balancing::{self, Balancing},
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let Some(only) = view.settings.vs(VsSetting::BackupOnly) else {
        return Vec::new();
    };
    let pair = Pair {
        view,
        daemons: Daemons::of(balancing),
        shared: shared(view, balancing),
    };
    let finding = if only == 0 {
        pair.balances_again()
    } else {
        pair.balances_nothing(balancing)
    };
    finding.into_iter().collect()
}

/// The roles in which sync daemons run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Daemons {
    BackupAlone,
    Both,
    NoBackup,
}

impl Daemons {
    fn of(balancing: &Balancing) -> Self {
        let runs = |role| balancing.sync_daemons.iter().any(|it| it.role == role);
        match (runs(SyncRole::Backup), runs(SyncRole::Master)) {
            (true, false) => Self::BackupAlone,
            (true, true) => Self::Both,
            (false, _) => Self::NoBackup,
        }
    }
}

struct Pair<'a> {
    view: &'a HostView,
    daemons: Daemons,
    /// A service that this host balances and is a real server of, together with other hosts.
    shared: Option<ServiceId>,
}

/// `ip_vs_in` looks at every packet for the VIP, wherever it comes from. A packet without an entry in
/// the connection table is scheduled, to this host or to another real server, and that one may send
/// it back: it goes round until its TTL ends.
const EFFECT: &str = "IPVS on this host balances packets of the other director once more, and sends \
                      some of them back: they go round, and a part of the clients gets no answer.";

impl Pair<'_> {
    fn balances_again(&self) -> Option<Finding> {
        let service = self.shared?;
        let said = format!(
            "this host is a standby director and a real server of {service}, and \
             net.ipv4.vs.backup_only is 0"
        );
        let kind = FindingKind::DirectorsServeEachOther;
        match self.daemons {
            Daemons::BackupAlone => {
                let finding = Finding::problem(kind, said, EFFECT);
                Some(finding.fix(backup_only(1)))
            }
            Daemons::Both => Some(Finding::problem(
                kind,
                format!(
                    "this host is a real server of {service}, and runs the master and the backup sync \
                     daemon"
                ),
                format!(
                    "If the other director is a real server of it too: {EFFECT} Two directors with \
                     both daemons must not be real servers of the same service. (backup_only=1 would \
                     stop this host from balancing, even as the active director.)"
                ),
            )),
            Daemons::NoBackup if self.is_quiet(service) => Some(Finding::warning(
                kind,
                format!(
                    "this host has {service} in IPVS and is a real server of it, with the virtual IP \
                     where no neighbour finds it"
                ),
                format!(
                    "If another director sends packets to this host: {EFFECT} Delete the services here \
                     while this host is no director, or run a backup sync daemon with \
                     net.ipv4.vs.backup_only=1."
                ),
            )),
            Daemons::NoBackup => None,
        }
    }

    /// With a backup daemon, `backup_only` takes IPVS out of the way of all packets.
    fn balances_nothing(&self, balancing: &Balancing) -> Option<Finding> {
        if self.daemons == Daemons::NoBackup {
            return None;
        }
        let mut vips = balancing.vips().into_iter();
        let active = vips.find(|vip| self.view.is_noticed(*vip));
        let kind = FindingKind::BackupOnlyStopsBalancing;
        let effect = "With backup_only, IPVS balances nothing while a backup sync daemon runs: clients \
                      are refused, or all served by this host.";
        let finding = match (active, self.daemons) {
            (Some(vip), _) => Finding::problem(
                kind,
                format!(
                    "this host has {vip} as a director has it, but runs the backup sync daemon, and \
                     net.ipv4.vs.backup_only is 1"
                ),
                effect,
            ),
            (None, Daemons::Both) => Finding::warning(
                kind,
                "net.ipv4.vs.backup_only is 1, and the master and the backup sync daemon run",
                format!("When this host takes over, it does not balance. {effect}"),
            ),
            (None, _) => return None,
        };
        Some(match self.shared {
            // Without it, packets would go round.
            Some(_) => finding,
            None => finding.fix(backup_only(0)),
        })
    }

    /// Whether a VIP is here as on a real server: neighbours, who look for it, do not find this host.
    fn is_quiet(&self, service: ServiceId) -> bool {
        let Some(vip) = balancing::vip(service) else {
            return false;
        };
        self.view.is_local(vip)
            && !self.view.is_noticed(vip)
            && self.view.networks_of(vip).next().is_some()
    }
}

fn shared(view: &HostView, balancing: &Balancing) -> Option<ServiceId> {
    let mut servers = balancing.servers.iter();
    let server = servers.find(|server| is_shared(view, server))?;
    Some(server.service.service.id)
}

/// Masqueraded packets do not arrive with the VIP as their destination.
fn is_shared(view: &HostView, server: &VirtualServerStatus) -> bool {
    let takes = |status: &&DestinationStatus| {
        status.destination.weight > 0 && status.destination.forwarding != Forwarding::Masquerade
    };
    let is_here = |status: &DestinationStatus| view.is_local(status.destination.id.address);
    let taking = || server.destinations.iter().filter(takes);
    taking().any(is_here) && taking().any(|status| !is_here(status))
}

fn backup_only(value: i64) -> Remedy {
    Remedy::set(Sysctl::Vs(VsSetting::BackupOnly), value)
}

#[cfg(test)]
mod tests {
    use ipvs::SyncDaemon;

    use super::*;
    use crate::node::doctor::{
        finding::Severity,
        testing::{direct, here, masqueraded, of, remedies, service, way},
        view::tests::{address, link},
    };

    const ONLY: [&str; 1] = ["set net.ipv4.vs.backup_only to 1"];

    fn view(backup_only: i64, vip_on: &str) -> HostView {
        let mut view = HostView {
            links: vec![link(1, "lo"), link(2, "eth0")],
            addresses: vec![
                address("10.10.10.11/24", "eth0"),
                address("10.10.10.100/32", vip_on),
            ],
            paths: [
                here("10.10.10.100"),
                here("10.10.10.11"),
                way("10.10.10.12", "eth0"),
            ]
            .into(),
            ..HostView::default()
        };
        view.settings.plant("net.ipv4.vs.backup_only", backup_only);
        view
    }

    fn mutual(roles: &[SyncRole]) -> Balancing {
        let daemons = roles.iter().map(|role| SyncDaemon::new(*role, "eth0"));
        Balancing {
            sync_daemons: daemons.collect(),
            ..of(service(), [direct("10.10.10.11"), direct("10.10.10.12")])
        }
    }

    const BACKUP: &[SyncRole] = &[SyncRole::Backup];
    const BOTH: &[SyncRole] = &[SyncRole::Backup, SyncRole::Master];

    #[test]
    fn a_standby_that_is_a_real_server_must_not_balance_again() {
        let findings = check(&view(0, "lo"), &mutual(BACKUP));
        assert_eq!(remedies(&findings), ONLY);
        assert_eq!(check(&view(1, "lo"), &mutual(BACKUP)), []);
        let other_way = of(
            service(),
            [masqueraded("10.10.10.11"), direct("10.10.10.12")],
        );
        let alone = of(service(), [direct("10.10.10.11")]);
        for balancing in [other_way, alone] {
            let sync_daemons = mutual(BACKUP).sync_daemons;
            let balancing = Balancing {
                sync_daemons,
                ..balancing
            };
            assert_eq!(check(&view(0, "lo"), &balancing), []);
        }
    }

    #[test]
    fn with_both_daemons_the_setting_is_no_remedy() {
        let findings = check(&view(0, "eth0"), &mutual(BOTH));
        let [finding] = findings.as_slice() else {
            panic!("{findings:?}");
        };
        assert_eq!(finding.kind, FindingKind::DirectorsServeEachOther);
        assert_eq!(finding.remedies, []);
    }

    #[test]
    fn without_daemons_only_a_virtual_ip_that_is_hidden_makes_it_one_of_a_pair() {
        let severity = |vip_on| {
            let findings = check(&view(0, vip_on), &mutual(&[]));
            findings.first().map(|finding| finding.severity)
        };
        assert_eq!(severity("lo"), Some(Severity::Warning));
        assert_eq!(severity("eth0"), None);
    }

    #[test]
    fn a_director_that_only_backs_up_balances_nothing() {
        let found = |vip_on, roles| {
            let servers = of(service(), [direct("10.10.10.12")]).servers;
            let balancing = Balancing {
                servers,
                ..mutual(roles)
            };
            let findings = check(&view(1, vip_on), &balancing);
            let severity = findings.first().map(|finding| finding.severity);
            (severity, remedies(&findings).concat())
        };
        let off = "set net.ipv4.vs.backup_only to 0".to_owned();
        let problem = Some(Severity::Problem);
        assert_eq!(found("eth0", BACKUP), (problem, off.clone()));
        assert_eq!(found("eth0", BOTH), (problem, off.clone()));
        assert_eq!(found("lo", BOTH), (Some(Severity::Warning), off));
        assert_eq!(found("lo", BACKUP), (None, String::new()));
    }
}
