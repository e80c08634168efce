//! Requests about sync daemons, and what becomes of them.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use ipvs::SyncRole;
use ipvs_lab::in_namespace;
use ipvs_lab::process::run;
use ipvs_sys::Errno;
use ipvs_sys::constants::{
    IP_VS_STATE_BACKUP, IP_VS_STATE_MASTER, IPVS_CMD_ATTR_DAEMON, IPVS_CMD_DEL_DAEMON,
    IPVS_CMD_GET_DAEMON, IPVS_CMD_NEW_DAEMON, IPVS_DAEMON_ATTR_MCAST_GROUP,
    IPVS_DAEMON_ATTR_MCAST_GROUP6, IPVS_DAEMON_ATTR_MCAST_IFN, IPVS_DAEMON_ATTR_MCAST_PORT,
    IPVS_DAEMON_ATTR_STATE, IPVS_DAEMON_ATTR_SYNC_ID,
};

use crate::attributes::{attribute, nest, value, without};
use crate::common::client;
use crate::common::traffic::eventually;
use crate::wire::{Answer, Request, Wire};

/// A daemon on a device.
fn daemon(state: u32, device: &str) -> Vec<Vec<u8>> {
    vec![
        attribute(IPVS_DAEMON_ATTR_STATE, &state.to_ne_bytes()),
        attribute(IPVS_DAEMON_ATTR_MCAST_IFN, format!("{device}\0").as_bytes()),
        attribute(IPVS_DAEMON_ATTR_SYNC_ID, &[0; 4]),
    ]
}

fn master() -> Vec<Vec<u8>> {
    daemon(IP_VS_STATE_MASTER, "lo")
}

fn request(command: u8, attributes: &[Vec<u8>]) -> Request {
    Request::new(command, &[nest(IPVS_CMD_ATTR_DAEMON, attributes)])
}

/// What the kernel says to the start of a daemon with more attributes.
fn start(mut attributes: Vec<Vec<u8>>, more: &[(u16, &[u8])]) -> Option<Errno> {
    attributes.extend(more.iter().map(|(kind, value)| attribute(*kind, value)));
    Wire::open().ask(request(IPVS_CMD_NEW_DAEMON, &attributes))
}

/// What runs, without the end of the dump.
fn running() -> Vec<Vec<(u16, Vec<u8>)>> {
    let mut answers = Wire::open().converse(&[Request::dump(IPVS_CMD_GET_DAEMON, &[])]);
    answers.pop();
    answers.iter().map(Answer::nested).collect()
}

/// The ports on which UDP is heard.
fn udp_ports() -> Vec<u16> {
    let sockets = fs::read_to_string("/proc/thread-self/net/udp").unwrap();
    let mut ports: Vec<_> = sockets
        .lines()
        .skip(1)
        .map(|line| {
            let local = line.split_whitespace().nth(1).unwrap();
            u16::from_str_radix(local.split_once(':').unwrap().1, 16).unwrap()
        })
        .collect();
    ports.sort_unstable();
    ports
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_daemon_needs_a_role_a_device_and_an_id() {
    in_namespace(|| {
        for kind in [
            IPVS_DAEMON_ATTR_STATE,
            IPVS_DAEMON_ATTR_MCAST_IFN,
            IPVS_DAEMON_ATTR_SYNC_ID,
        ] {
            let answer = start(without(&master(), kind), &[]);
            assert_eq!(answer, Some(Errno::EINVAL), "without {kind}");
        }
        assert_eq!(start(master(), &[]), None);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn half_a_group_of_ipv6_is_none() {
    in_namespace(|| {
        let mut group = [0; 16];
        group[..2].copy_from_slice(&[0xff, 0x02]);
        for (length, answer) in [(15, Some(Errno::EINVAL)), (16, None)] {
            let group = (IPVS_DAEMON_ATTR_MCAST_GROUP6, &group[..length]);
            let backup = daemon(IP_VS_STATE_BACKUP, "lo");
            assert_eq!(start(backup, &[group]), answer);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn beside_a_group_of_ipv4_one_of_ipv6_does_not_count() {
    in_namespace(|| {
        let group6 = (IPVS_DAEMON_ATTR_MCAST_GROUP6, &[0xff; 16][..]);
        let group = (IPVS_DAEMON_ATTR_MCAST_GROUP, &[239, 1, 1, 1][..]);
        assert_eq!(start(master(), &[group6, group]), None);
        let found = &running()[0];
        assert_eq!(value(found, IPVS_DAEMON_ATTR_MCAST_GROUP), group.1);
        let of_ipv6 = found.iter().any(|(kind, _)| *kind == group6.0);
        assert!(!of_ipv6);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn any_id_is_taken_and_its_lowest_byte_is_the_one_that_is_read() {
    in_namespace(|| {
        for (state, id, read) in [
            (IP_VS_STATE_MASTER, 256u32, 0),
            (IP_VS_STATE_BACKUP, u32::MAX, 255),
        ] {
            let bytes = id.to_ne_bytes();
            let sync_id = (IPVS_DAEMON_ATTR_SYNC_ID, &bytes[..]);
            assert_eq!(start(daemon(state, "lo"), &[sync_id]), None);
            let found = running();
            let found = value(found.last().unwrap(), IPVS_DAEMON_ATTR_SYNC_ID);
            assert_eq!(found, bytes);
            let found = client().sync_daemons().unwrap();
            assert_eq!(found.last().unwrap().sync_id, read);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_port_is_a_number_of_the_machine() {
    in_namespace(|| {
        let port = 9000u16.to_ne_bytes();
        let port = (IPVS_DAEMON_ATTR_MCAST_PORT, &port[..]);
        assert_eq!(start(daemon(IP_VS_STATE_BACKUP, "lo"), &[port]), None);
        assert_eq!(udp_ports(), [9000]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_backup_hears_on_as_many_ports_as_there_were_to_be_when_the_first_daemon_started() {
    in_namespace(|| {
        let set = |ports: &str| fs::write("/proc/sys/net/ipv4/vs/sync_ports", ports).unwrap();
        let backup = || daemon(IP_VS_STATE_BACKUP, "lo");
        set("4");
        assert_eq!(start(backup(), &[]), None);
        assert_eq!(udp_ports(), [8848, 8849, 8850, 8851]);
        let mut ipvs = client();
        ipvs.stop_sync_daemon(SyncRole::Backup).unwrap();
        assert_eq!(udp_ports(), [0; 0]);

        set("2");
        assert_eq!(start(master(), &[]), None);
        set("8");
        let others = udp_ports().len();
        assert_eq!(start(backup(), &[]), None);
        assert_eq!(udp_ports().len(), others + 2);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_daemon_outlives_its_device() {
    in_namespace(|| {
        run("ip", &["link", "add", "dummy0", "type", "dummy"]);
        run("ip", &["link", "set", "dummy0", "up"]);
        let roles = [IP_VS_STATE_MASTER, IP_VS_STATE_BACKUP];
        for state in roles {
            assert_eq!(start(daemon(state, "dummy0"), &[]), None);
        }
        let before = running();
        assert_eq!(before.len(), roles.len());
        run("ip", &["link", "set", "dummy0", "down"]);
        assert_eq!(running(), before);
        run("ip", &["link", "delete", "dummy0"]);
        assert_eq!(running(), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn on_a_device_that_is_down_a_backup_hears_and_a_master_cannot_speak() {
    in_namespace(|| {
        run("ip", &["link", "add", "dummy0", "type", "dummy"]);
        // A way to the group on another device does not help.
        run("ip", &["address", "add", "192.0.2.1/32", "dev", "lo"]);
        run("ip", &["route", "add", "224.0.0.0/4", "dev", "lo"]);
        for (state, answer) in [
            (IP_VS_STATE_MASTER, Some(Errno::ENETUNREACH)),
            (IP_VS_STATE_BACKUP, None),
        ] {
            assert_eq!(start(daemon(state, "dummy0"), &[]), answer);
        }
        run("ip", &["link", "set", "dummy0", "up"]);
        assert_eq!(start(daemon(IP_VS_STATE_MASTER, "dummy0"), &[]), None);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn to_stop_a_daemon_only_its_role_is_looked_at() {
    in_namespace(|| {
        assert_eq!(start(master(), &[]), None);
        // It must have run, or there is no answer.
        sleep(Duration::from_millis(200));
        let mut other = daemon(IP_VS_STATE_MASTER, "nowhere0");
        other.push(attribute(IPVS_DAEMON_ATTR_SYNC_ID, &[9; 4]));
        assert_eq!(Wire::open().ask(request(IPVS_CMD_DEL_DAEMON, &other)), None);
        assert_eq!(running().len(), 0);
    });
}

/// A daemon that never ran is stopped with `EINTR`, of which netlink says nothing.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_daemon_that_is_stopped_before_it_ran_is_stopped_without_an_answer() {
    in_namespace(|| {
        let start_and_stop = || {
            let answers = Wire::open().converse(&[
                request(IPVS_CMD_NEW_DAEMON, &master()),
                request(IPVS_CMD_DEL_DAEMON, &master()),
            ]);
            assert_eq!(running().len(), 0);
            answers.len()
        };
        // On several CPUs it may have run by then.
        let answers = eventually(start_and_stop, |answers| *answers == 1);
        assert_eq!(answers, 1);
    });
}
