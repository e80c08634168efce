//! Sync daemons and timeouts.

use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16};

use ipvs::{
    Client, Destination, Encapsulation, Error, Forwarding, Service, SyncDaemon, SyncRole, Timeouts,
};

use crate::common::{destinations, endpoint, seconds, web};

crate::conversations![
    daemons_are_read_back_as_they_were_started,
    the_kernel_chooses_what_is_not_asked_for,
    a_daemon_runs_once_in_each_role,
    a_daemon_that_does_not_run_cannot_be_stopped,
    a_daemon_needs_a_device,
    daemons_and_mixed_families_exclude_each_other,
    daemons_outlive_the_services,
    timeouts_are_the_kernels_until_they_are_set,
    timeouts_that_are_not_named_stay,
];

const ROLES: [SyncRole; 2] = [SyncRole::Master, SyncRole::Backup];

fn daemon(role: SyncRole) -> SyncDaemon {
    SyncDaemon::new(role, "lo")
}

fn length(bytes: u16) -> NonZeroU16 {
    NonZeroU16::new(bytes).unwrap()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn daemons_are_read_back_as_they_were_started(ipvs: &mut Client) {
    let wanted = ROLES.map(|role| {
        daemon(role)
            .sync_id(255)
            .max_length(length(1400))
            .group(address("239.1.1.1"))
            .port(length(9000))
            .ttl(NonZeroU8::new(5).unwrap())
    });
    // The master comes first, whichever was started first.
    for daemon in wanted.iter().rev() {
        ipvs.start_sync_daemon(daemon).unwrap();
    }
    assert_eq!(ipvs.sync_daemons().unwrap(), wanted);
}

fn the_kernel_chooses_what_is_not_asked_for(ipvs: &mut Client) {
    for (role, group, longest) in [
        (SyncRole::Master, "224.0.0.81", 1472),
        // As much as the device could receive, and a datagram could hold.
        (SyncRole::Backup, "224.0.0.81", 65507),
        (SyncRole::Backup, "ff02::81", 65487),
    ] {
        let mut wanted = daemon(role);
        if group.contains(':') {
            wanted = wanted.group(address(group));
        }
        ipvs.start_sync_daemon(&wanted).unwrap();
        let chosen = wanted
            .group(address(group))
            .port(length(8848))
            .ttl(NonZeroU8::MIN)
            .max_length(length(longest));
        assert_eq!(ipvs.sync_daemons().unwrap(), [chosen]);
        ipvs.stop_sync_daemon(role).unwrap();
    }
}

fn a_daemon_runs_once_in_each_role(ipvs: &mut Client) {
    for role in ROLES {
        ipvs.start_sync_daemon(&daemon(role)).unwrap();
        let error = ipvs
            .start_sync_daemon(&daemon(role).sync_id(1))
            .unwrap_err();
        assert!(matches!(error, Error::SyncDaemonRunning(it) if it == role));
    }
    let ids = ipvs.sync_daemons().unwrap();
    assert_eq!(ids.iter().map(|it| it.sync_id).collect::<Vec<_>>(), [0, 0]);
}

fn a_daemon_that_does_not_run_cannot_be_stopped(ipvs: &mut Client) {
    ipvs.start_sync_daemon(&daemon(SyncRole::Master)).unwrap();
    let error = ipvs.stop_sync_daemon(SyncRole::Backup).unwrap_err();
    assert!(matches!(
        error,
        Error::SyncDaemonNotRunning(SyncRole::Backup)
    ));
    ipvs.stop_sync_daemon(SyncRole::Master).unwrap();
    assert_eq!(ipvs.sync_daemons().unwrap(), []);
}

fn a_daemon_needs_a_device(ipvs: &mut Client) {
    ipvs.start_sync_daemon(&daemon(SyncRole::Master)).unwrap();
    // Which is looked at before whether one runs.
    for role in ROLES {
        let nowhere = SyncDaemon::new(role, "nowhere0");
        let error = ipvs.start_sync_daemon(&nowhere).unwrap_err();
        assert!(matches!(&error, Error::InterfaceNotFound(name) if name == "nowhere0"));
    }
}

fn daemons_and_mixed_families_exclude_each_other(ipvs: &mut Client) {
    let mixed = Destination::new(endpoint("[2001:db8:1::7]:80"))
        .forwarding(Forwarding::Tunnel(Encapsulation::Ipip));
    ipvs.add_service(&Service::new(web())).unwrap();
    ipvs.add_destination(web(), &mixed).unwrap();
    for role in ROLES {
        let error = ipvs.start_sync_daemon(&daemon(role)).unwrap_err();
        assert!(matches!(error, Error::SyncDaemonRefused), "{error}");
    }
    ipvs.delete_destination(web(), mixed.id).unwrap();
    for role in ROLES {
        ipvs.start_sync_daemon(&daemon(role)).unwrap();
        let error = ipvs.add_destination(web(), &mixed).unwrap_err();
        assert!(matches!(error, Error::MixedFamilyRefused { .. }), "{error}");
        ipvs.stop_sync_daemon(role).unwrap();
    }
    ipvs.add_destination(web(), &mixed).unwrap();
    assert_eq!(destinations(ipvs, web()), [mixed]);
}

fn daemons_outlive_the_services(ipvs: &mut Client) {
    ipvs.add_service(&Service::new(web())).unwrap();
    ipvs.start_sync_daemon(&daemon(SyncRole::Backup)).unwrap();
    ipvs.flush().unwrap();
    assert_eq!(ipvs.sync_daemons().unwrap().len(), 1);
}

fn timeouts(tcp: u64, tcp_fin: u64, udp: u64) -> Timeouts {
    Timeouts::default()
        .tcp(seconds(tcp))
        .tcp_fin(seconds(tcp_fin))
        .udp(seconds(udp))
}

fn timeouts_are_the_kernels_until_they_are_set(ipvs: &mut Client) {
    assert_eq!(ipvs.timeouts().unwrap(), timeouts(900, 120, 300));
    for (tcp, tcp_fin, udp) in [(1, 1, 1), (7200, 60, 30), (2_147_483, 2_147_483, 2_147_483)] {
        let wanted = timeouts(tcp, tcp_fin, udp);
        ipvs.set_timeouts(&wanted).unwrap();
        assert_eq!(ipvs.timeouts().unwrap(), wanted);
    }
}

fn timeouts_that_are_not_named_stay(ipvs: &mut Client) {
    let none = Timeouts::default();
    for (wanted, found) in [
        (none, (900, 120, 300)),
        (none.tcp_fin(seconds(5)), (900, 5, 300)),
        (none.udp(seconds(6)), (900, 5, 6)),
        (none.tcp(seconds(7)), (7, 5, 6)),
    ] {
        ipvs.set_timeouts(&wanted).unwrap();
        let (tcp, tcp_fin, udp) = found;
        assert_eq!(ipvs.timeouts().unwrap(), timeouts(tcp, tcp_fin, udp));
    }
}
