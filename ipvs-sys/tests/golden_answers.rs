//! What Linux 6.1 answered (little endian, asked by ipvsadm 1.31) is read as what it says.
//!
//! Captured with strace, from the generic netlink header on. The hexadecimal has one word an
//! attribute. The kernel sends nests without `NLA_F_NESTED`.

#![cfg(target_endian = "little")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::golden::{
    AF_INET, Destination, configuration, destination, idle_destination, idle_service, service_key,
};
use common::{hex, ipv4, parsed, payload};
use ipvs_sys::constants::{IP_VS_SVC_F_HASHED, IP_VS_SVC_F_PERSISTENT};
use ipvs_sys::{CmdAttr, Command, InfoAttr, IpvsMessage, SvcAttr};

/// Both statistics of a service or a destination without traffic.
const IDLE: &str = "
    5c000a00
      0800010000000000 0800020000000000 0800030000000000 0c0004000000000000000000
      0c0005000000000000000000 0800060000000000 0800070000000000 0800080000000000
      0800090000000000 08000a0000000000
    7c000c00
      0c0001000000000000000000 0c0002000000000000000000 0c0003000000000000000000
      0c0004000000000000000000 0c0005000000000000000000 0c0006000000000000000000
      0c0007000000000000000000 0c0008000000000000000000 0c0009000000000000000000
      0c000a000000000000000000
";

/// `captured` says `expected`, and goes on saying so when it is written anew.
#[track_caller]
fn assert_says(captured: &[&str], expected: &IpvsMessage) {
    let answer = parsed(&hex(&captured.concat())).unwrap();
    assert_eq!(answer, *expected);
    assert_eq!(parsed(&payload(&answer)).unwrap(), answer);
}

#[test]
fn a_persistent_service_comes_with_the_flag_that_the_kernel_adds() {
    let service = "
        01010000
          2c010100
            0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
            0600040000500000 0800060077727200 0c00070003000000ffffffff 080008002c010000
            08000900ffffff00
    ";
    let key = service_key(AF_INET, ipv4([192, 0, 2, 1]), 80);
    let flags = IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_HASHED;
    assert_says(
        &[service, IDLE],
        &idle_service(key, configuration("wrr", flags, 300, [255, 255, 255, 0])),
    );
}

#[test]
fn a_service_by_firewall_mark_comes_without_protocol_address_and_port() {
    // That of `captured/linux_6_1.txt`, less the filler in its statistics.
    let service = "
        01010000
          10010100
            0600010002000000 0800050007000000 0700060072720000 0c00070002000000ffffffff
            0800080000000000 08000900ffffffff
    ";
    let key = vec![SvcAttr::Af(AF_INET), SvcAttr::Fwmark(7)];
    assert_says(
        &[service, IDLE],
        &idle_service(key, configuration("rr", IP_VS_SVC_F_HASHED, 0, [255; 4])),
    );
}

#[test]
fn a_drained_destination_comes_in_the_kernels_order() {
    let server = "
        05010000
          50010200
            14000100c6336402000000000000000000000000 060002001f900000 0800030000000000
            0800040000000000 05000d0000000000 06000e0000000000 06000f0000000000
            0800050000000000 0800060000000000 0800070000000000 0800080000000000
            0800090000000000 06000b0002000000
    ";
    let expected = Destination {
        weight: 0,
        ..destination(AF_INET, ipv4([198, 51, 100, 2]), 8080)
    };
    assert_says(&[server, IDLE], &idle_destination(&expected));
}

#[test]
fn timeouts_come_under_the_command_that_sets_them() {
    let expected = vec![
        CmdAttr::TimeoutTcp(900),
        CmdAttr::TimeoutTcpFin(120),
        CmdAttr::TimeoutUdp(300),
    ];
    assert_says(
        &["0c010000 0800040084030000 0800050078000000 080006002c010000"],
        &IpvsMessage::new(Command::SetConfig, expected),
    );
}

#[test]
fn the_numbers_of_info_are_its_own() {
    let info = vec![InfoAttr::Version(0x01_0201), InfoAttr::ConnTabSize(4096)];
    assert_says(
        &["0e010000 0800010001020100 0800020000100000"],
        &IpvsMessage::Info(info),
    );
}
