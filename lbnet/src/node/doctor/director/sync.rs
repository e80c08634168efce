//! Whether the sync daemons work.

use ipvs::{Change, SyncDaemon, SyncRole};

use crate::{
    DeviceName, LinkState,
    node::doctor::{
        balancing::Balancing,
        finding::{Finding, FindingKind},
        remedy::{Open, Remedy},
        view::HostView,
    },
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let daemons = &balancing.sync_daemons;
    let devices = daemons.iter().filter_map(|daemon| device(view, daemon));
    devices.chain(ids(daemons)).collect()
}

fn device(view: &HostView, daemon: &SyncDaemon) -> Option<Finding> {
    let (role, name) = (daemon.role, &daemon.interface);
    let effect = match daemon.role {
        SyncRole::Master => {
            "Other directors do not receive connections: when one of them takes over, clients' connections \
             break."
        }
        SyncRole::Backup => {
            "This director does not receive connections: when it takes over, clients' connections break."
        }
    };
    let link = view.links.iter().find(|link| link.name.as_str() == name);
    match link {
        Some(link) if link.state == LinkState::Up => None,
        Some(link) => {
            let finding = Finding::problem(
                FindingKind::SyncDeviceDown,
                format!("the {role} sync daemon uses {name}, which is down"),
                effect,
            );
            Some(finding.fix(Remedy::SwitchOn(link.name.clone())))
        }
        None => {
            let finding = Finding::problem(
                FindingKind::SyncDeviceMissing,
                format!("the {role} sync daemon uses {name}, which does not exist"),
                effect,
            );
            let mut others = view.links.iter().filter(|link| link.resolves_neighbours());
            // Of several, one may lead to the internet.
            let only = others.next().filter(|_| others.next().is_none());
            Some(finding.fix_all(restart(daemon, only.map(|link| &link.name))))
        }
    }
}

fn ids(daemons: &[SyncDaemon]) -> Option<Finding> {
    let of = |role| daemons.iter().find(|daemon| daemon.role == role);
    let (master, backup) = (of(SyncRole::Master)?, of(SyncRole::Backup)?);
    // A backup with id 0 accepts the connections of every master.
    if backup.sync_id == 0 || backup.sync_id == master.sync_id {
        return None;
    }
    // Two directors that both serve use two ids, each the other way round.
    let finding = Finding::note(
        FindingKind::SyncIdsDiffer,
        format!(
            "the master sync daemon has id {}, the backup has id {}",
            master.sync_id, backup.sync_id
        ),
        "If the other director has the same ids, neither accepts what the other sends: when one takes \
         over, clients' connections break.",
    );
    Some(finding)
}

fn restart(daemon: &SyncDaemon, device: Option<&DeviceName>) -> [Remedy; 2] {
    let start = match device {
        Some(device) => {
            let mut there = daemon.clone();
            there.interface = device.to_string();
            Remedy::Change(Change::StartSyncDaemon(there))
        }
        None => Remedy::Open(Open::StartSyncDaemon(daemon.clone())),
    };
    [
        Remedy::Change(Change::StopSyncDaemon(daemon.clone())),
        start,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        testing::{kinds, remedies},
        view::tests::link,
    };

    fn check(view: &HostView, daemons: [SyncDaemon; 2]) -> Vec<Finding> {
        let balancing = Balancing {
            sync_daemons: daemons.into(),
            ..Balancing::default()
        };
        super::check(view, &balancing)
    }

    fn master(device: &str) -> SyncDaemon {
        SyncDaemon::new(SyncRole::Master, device).sync_id(7)
    }

    fn backup(device: &str) -> SyncDaemon {
        SyncDaemon::new(SyncRole::Backup, device).sync_id(7)
    }

    #[test]
    fn a_daemon_needs_its_device_up() {
        let mut down = link(3, "eth1");
        down.state = LinkState::Down;
        let view = HostView {
            links: vec![link(2, "eth0"), down],
            ..HostView::default()
        };
        assert_eq!(check(&view, [master("eth0"), backup("eth0")]), []);
        let down = check(&view, [master("eth0"), backup("eth1")]);
        assert_eq!(kinds(&down), [FindingKind::SyncDeviceDown]);
        assert_eq!(remedies(&down), ["bring eth1 up"]);
        let group = "224.0.0.81".parse().unwrap();
        let gone = check(&view, [master("eth0"), backup("eth9").group(group)]);
        assert_eq!(kinds(&gone), [FindingKind::SyncDeviceMissing]);
        let [finding] = <[Finding; 1]>::try_from(gone).unwrap();
        // With all of its options.
        let restart = [
            Change::StopSyncDaemon(backup("eth9").group(group)),
            Change::StartSyncDaemon(backup("eth0").group(group)),
        ];
        assert_eq!(finding.remedies, restart.map(Remedy::Change));
    }

    #[test]
    fn both_daemons_have_the_same_id_or_the_backup_accepts_any() {
        let view = HostView {
            links: vec![link(2, "eth0")],
            ..HostView::default()
        };
        let ids = |master, backup| {
            let daemons = [
                self::master("eth0").sync_id(master),
                self::backup("eth0").sync_id(backup),
            ];
            kinds(&check(&view, daemons))
        };
        assert_eq!(ids(7, 7), []);
        assert_eq!(ids(7, 0), []);
        assert_eq!(ids(7, 8), [FindingKind::SyncIdsDiffer]);
    }
}
