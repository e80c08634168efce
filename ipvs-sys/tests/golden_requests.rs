//! What ipvsadm asks of the kernel is what the same request becomes here, byte for byte: services,
//! sync daemons, timeouts. Destinations are in `golden_destinations.rs`.
//!
//! Captured from ipvsadm 1.31 on Linux 6.1 (little endian), from the generic netlink header on:
//! `strace -e trace=sendmsg -xx -s 4096 ipvsadm …`. The hexadecimal has one word an attribute.

#![cfg(target_endian = "little")]

mod common;

use common::golden::{AF_INET, AF_INET6, assert_golden, configuration, daemon, service_key, web};
use common::{ipv4, ipv6, side_by_side};
use ipvs_sys::constants::{
    IP_VS_STATE_MASTER, IP_VS_SVC_F_PERSISTENT, IP_VS_SVC_F_SCHED1, IP_VS_SVC_F_SCHED2,
};
use ipvs_sys::{CmdAttr, Command, DaemonAttr, SvcAttr};

#[test]
fn adding_a_persistent_service_sends_what_ipvsadm_sends() {
    let mut service = service_key(AF_INET, ipv4([192, 0, 2, 1]), 80);
    service.extend(configuration(
        "wrr",
        IP_VS_SVC_F_PERSISTENT,
        300,
        [255, 255, 255, 0],
    ));
    assert_golden(
        "ipvsadm -A -t 192.0.2.1:80 -s wrr -p 300 -M 255.255.255.0",
        "
        01010000
          54000180
            0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
            0600040000500000 0800060077727200 0c00070001000000ffffffff 080008002c010000
            08000900ffffff00
        ",
        Command::NewService,
        vec![CmdAttr::Service(service)],
    );
}

#[test]
fn adding_an_ipv6_service_sends_what_ipvsadm_sends() {
    let mut service = service_key(AF_INET6, ipv6("2001:db8::10"), 80);
    service.extend(configuration("rr", 0, 0, 128u32.to_ne_bytes()));
    assert_golden(
        "ipvsadm -A -t [2001:db8::10]:80 -s rr",
        "
        01010000
          54000180
            060001000a000000 0600020006000000 1400030020010db8000000000000000000000010
            0600040000500000 0700060072720000 0c00070000000000ffffffff 0800080000000000
            0800090080000000
        ",
        Command::NewService,
        vec![CmdAttr::Service(service)],
    );
}

#[test]
fn adding_a_service_by_firewall_mark_with_scheduler_flags_sends_what_ipvsadm_sends() {
    let flags = IP_VS_SVC_F_SCHED1 | IP_VS_SVC_F_SCHED2;
    let mut service = vec![SvcAttr::Af(AF_INET6), SvcAttr::Fwmark(7)];
    service.extend(configuration("sh", flags, 0, 128u32.to_ne_bytes()));
    assert_golden(
        "ipvsadm -A -f 7 -6 -s sh -b sh-fallback,sh-port",
        "
        01010000
          38000180
            060001000a000000 0800050007000000 0700060073680000 0c00070018000000ffffffff
            0800080000000000 0800090080000000
        ",
        Command::NewService,
        vec![CmdAttr::Service(service)],
    );
}

#[test]
fn setting_timeouts_sends_what_ipvsadm_sends() {
    let timeouts = vec![
        CmdAttr::TimeoutTcp(900),
        CmdAttr::TimeoutTcpFin(120),
        CmdAttr::TimeoutUdp(300),
    ];
    assert_golden(
        "ipvsadm --set 900 120 300",
        "
        0c010000
          0800040084030000 0800050078000000 080006002c010000
        ",
        Command::SetConfig,
        timeouts,
    );
}

#[test]
fn starting_a_sync_daemon_sends_what_ipvsadm_sends() {
    let mut master = daemon(IP_VS_STATE_MASTER, "dummy0", 5);
    master.extend([
        DaemonAttr::McastPort(9000),
        DaemonAttr::McastTtl(5),
        DaemonAttr::McastGroup([239, 1, 1, 1]),
    ]);
    assert_golden(
        "ipvsadm --start-daemon master --mcast-interface dummy0 --syncid 5 --mcast-group 239.1.1.1 --mcast-port 9000 --mcast-ttl 5",
        "
        09010000
          38000380
            0800010001000000 0b00020064756d6d79300000 0800030005000000 0600070028230000
            0500080005000000 08000500ef010101
        ",
        Command::NewDaemon,
        vec![CmdAttr::Daemon(master)],
    );
}

#[test]
fn stopping_a_sync_daemon_sends_what_ipvsadm_sends() {
    let master = daemon(IP_VS_STATE_MASTER, "", 0);
    assert_golden(
        "ipvsadm --stop-daemon master",
        "
        0a010000
          1c000380
            0800010001000000 0500020000000000 0800030000000000
        ",
        Command::DelDaemon,
        vec![CmdAttr::Daemon(master)],
    );
}

#[test]
fn zeroing_the_counters_of_a_service_sends_what_ipvsadm_sends() {
    assert_golden(
        "ipvsadm -Z -t 192.0.2.1:80",
        "
        10010000
          54000180
            0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
            0600040000500000 0500060000000000 0c00070000000000ffffffff 0800080000000000
            08000900ffffffff
        ",
        Command::Zero,
        vec![web()],
    );
}

#[test]
fn zeroing_all_counters_sends_what_ipvsadm_sends() {
    assert_golden("ipvsadm -Z", "10010000", Command::Zero, vec![]);
}

#[test]
fn listing_services_sends_what_ipvsadm_sends() {
    assert_golden(
        "ipvsadm -Ln (GET_SERVICE dump)",
        "04010000",
        Command::GetService,
        vec![],
    );
}

#[test]
fn reading_timeouts_sends_what_ipvsadm_sends() {
    assert_golden(
        "ipvsadm -L --timeout",
        "0d010000",
        Command::GetConfig,
        vec![],
    );
}

#[test]
fn listing_sync_daemons_sends_what_ipvsadm_sends() {
    assert_golden(
        "ipvsadm -L --daemon",
        "0b010000",
        Command::GetDaemon,
        vec![],
    );
}

#[test]
fn deleting_a_service_sends_what_ipvsadm_sends() {
    assert_golden(
        "ipvsadm -D -t 192.0.2.1:80",
        "
        03010000
          54000180
            0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
            0600040000500000 0500060000000000 0c00070000000000ffffffff 0800080000000000
            08000900ffffffff
        ",
        Command::DelService,
        vec![web()],
    );
}

#[test]
fn deleting_everything_sends_what_ipvsadm_sends() {
    assert_golden("ipvsadm -C", "11010000", Command::Flush, vec![]);
}

#[test]
fn a_difference_is_marked_on_its_line() {
    let shown = side_by_side(&[1, 2, 3, 4, 5], &[1, 2, 3, 4, 0xff]);
    assert_eq!(
        shown,
        "  byte  ours         theirs\n\
         \x20    0  01 02 03 04  01 02 03 04 \n\
         !    4  05           ff \n"
    );
}
