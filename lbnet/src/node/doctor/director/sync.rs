//! Whether two directors tell each other of connections.

use crate::{
    LinkState,
    node::doctor::{
        Balancing, Finding, FindingKind, SyncDaemonSeen, balancing::SyncSide, view::HostView,
    },
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let daemons = &balancing.sync_daemons;
    let devices = daemons.iter().filter_map(|daemon| device(view, daemon));
    devices.chain(ids(daemons)).collect()
}

fn device(view: &HostView, daemon: &SyncDaemonSeen) -> Option<Finding> {
    let (role, name) = (daemon.role.name(), &daemon.interface);
    let effect = match daemon.role {
        SyncSide::Master => {
            "Other directors do not learn of connections: when one of them takes over, clients are \
             cut off."
        }
        SyncSide::Backup => {
            "This director does not learn of connections: when it takes over, clients are cut off."
        }
    };
    let link = view.links.iter().find(|link| link.name.as_str() == name);
    match link {
        Some(link) if link.state == LinkState::Up => None,
        Some(_) => {
            let finding = Finding::problem(
                FindingKind::SyncDeviceDown,
                format!("the {role} sync daemon speaks on {name}, which is down"),
                effect,
            );
            Some(finding.mend(format!("ip link set {name} up")))
        }
        None => {
            let finding = Finding::problem(
                FindingKind::SyncDeviceMissing,
                format!("the {role} sync daemon speaks on {name}, which is not there"),
                effect,
            );
            let other = view.links.iter().find(|link| link.is_asking());
            let other = other.map_or("DEVICE", |link| link.name.as_str());
            Some(finding.mend_all(restart(daemon, other)))
        }
    }
}

fn ids(daemons: &[SyncDaemonSeen]) -> Option<Finding> {
    let of = |role| daemons.iter().find(|daemon| daemon.role == role);
    let (master, backup) = (of(SyncSide::Master)?, of(SyncSide::Backup)?);
    // A backup of id 0 takes connections of any.
    if backup.id == 0 || backup.id == master.id {
        return None;
    }
    // Two directors that both serve have two ids, each the other's way round.
    let finding = Finding::note(
        FindingKind::SyncIdsDiffer,
        format!(
            "the master sync daemon has the id {}, the backup {}",
            master.id, backup.id
        ),
        "If the other director has the same ids, neither takes what the other tells: when one takes \
         over, clients are cut off.",
    );
    Some(finding)
}

fn restart(daemon: &SyncDaemonSeen, device: &str) -> [String; 2] {
    let (role, id) = (daemon.role.name(), daemon.id);
    [
        format!("ipvs-rs stop-sync {role}"),
        format!(
            "ipvs-rs start-sync {role} --interface {device} --syncid {id}  # and its other options"
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::{
        tests::{kinds, remedies},
        view::tests::link,
    };

    fn check(view: &HostView, daemons: [SyncDaemonSeen; 2]) -> Vec<Finding> {
        let both = daemons.into_iter();
        super::check(view, &both.fold(Balancing::new(), Balancing::sync_daemon))
    }

    #[test]
    fn a_daemon_needs_its_device_up() {
        let mut down = link(3, "eth1");
        down.state = LinkState::Down;
        let view = HostView {
            links: vec![link(2, "eth0"), down],
            ..HostView::default()
        };
        let (here, there) = (
            SyncDaemonSeen::master("eth0", 7),
            SyncDaemonSeen::backup("eth0", 7),
        );
        assert_eq!(check(&view, [here.clone(), there]), []);
        let down = check(&view, [here.clone(), SyncDaemonSeen::backup("eth1", 7)]);
        assert_eq!(kinds(&down), [FindingKind::SyncDeviceDown]);
        assert_eq!(remedies(&down), ["ip link set eth1 up"]);
        let gone = check(&view, [here, SyncDaemonSeen::backup("eth9", 7)]);
        assert_eq!(kinds(&gone), [FindingKind::SyncDeviceMissing]);
        assert_eq!(
            remedies(&gone),
            [
                "ipvs-rs stop-sync backup",
                "ipvs-rs start-sync backup --interface eth0 --syncid 7  # and its other options",
            ]
        );
    }

    #[test]
    fn both_daemons_have_the_same_id_or_the_backup_takes_any() {
        let view = HostView {
            links: vec![link(2, "eth0")],
            ..HostView::default()
        };
        let ids = |master, backup| {
            let daemons = [
                SyncDaemonSeen::master("eth0", master),
                SyncDaemonSeen::backup("eth0", backup),
            ];
            kinds(&check(&view, daemons))
        };
        assert_eq!(ids(7, 7), []);
        assert_eq!(ids(7, 0), []);
        assert_eq!(ids(7, 8), [FindingKind::SyncIdsDiffer]);
    }
}
