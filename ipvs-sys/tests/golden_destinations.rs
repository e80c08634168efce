//! What ipvsadm asks of the kernel about destinations is what the same request becomes here.
//!
//! Captured from ipvsadm 1.31 on Linux 6.1 (little endian), from the generic netlink header on:
//! `strace -e trace=sendmsg -xx -s 4096 ipvsadm …`. The hexadecimal has one word an attribute.

#![cfg(target_endian = "little")]

mod common;

use common::golden::{
    AF_INET, AF_INET6, Destination, assert_golden, destination, service_key, web, web6, with,
};
use common::{ipv4, ipv6};
use ipvs_sys::constants::{
    IP_VS_CONN_F_DROUTE, IP_VS_CONN_F_TUNNEL, IP_VS_CONN_F_TUNNEL_TYPE_GUE,
    IP_VS_TUNNEL_ENCAP_FLAG_CSUM,
};
use ipvs_sys::{CmdAttr, Command, SvcAttr};

#[test]
fn adding_a_masqueraded_destination_with_thresholds_sends_what_ipvsadm_sends() {
    let server = Destination {
        weight: 5,
        thresholds: (100, 10),
        ..destination(AF_INET, ipv4([198, 51, 100, 2]), 8080)
    };
    assert_golden(
        "ipvsadm -a -t 192.0.2.1:80 -r 198.51.100.2:8080 -m -w 5 -x 100 -y 10",
        "
        05010000
          54000180
            0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
            0600040000500000 0500060000000000 0c00070000000000ffffffff 0800080000000000
            08000900ffffffff
          60000280
            06000b0002000000 14000100c6336402000000000000000000000000 060002001f900000
            0800030000000000 0800040005000000 05000d0000000000 06000e0000000000
            06000f0000000000 0800050064000000 080006000a000000
        ",
        Command::NewDest,
        with(web(), server),
    );
}

#[test]
fn adding_a_destination_behind_a_gue_tunnel_sends_what_ipvsadm_sends() {
    let server = Destination {
        method: IP_VS_CONN_F_TUNNEL,
        tunnel: (
            IP_VS_CONN_F_TUNNEL_TYPE_GUE,
            6080,
            IP_VS_TUNNEL_ENCAP_FLAG_CSUM,
        ),
        ..destination(AF_INET, ipv4([198, 51, 100, 3]), 80)
    };
    assert_golden(
        "ipvsadm -a -t 192.0.2.1:80 -r 198.51.100.3 -i --tun-type gue --tun-port 6080 --tun-csum",
        "
        05010000
          54000180
            0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
            0600040000500000 0500060000000000 0c00070000000000ffffffff 0800080000000000
            08000900ffffffff
          60000280
            06000b0002000000 14000100c6336403000000000000000000000000 0600020000500000
            0800030002000000 0800040001000000 05000d0001000000 06000e0017c00000
            06000f0001000000 0800050000000000 0800060000000000
        ",
        Command::NewDest,
        with(web(), server),
    );
}

#[test]
fn adding_an_ipv6_destination_sends_what_ipvsadm_sends() {
    let server = destination(AF_INET6, ipv6("2001:db8::21"), 8080);
    assert_golden(
        "ipvsadm -a -t [2001:db8::10]:80 -r [2001:db8::21]:8080 -m",
        "
        05010000
          54000180
            060001000a000000 0600020006000000 1400030020010db8000000000000000000000010
            0600040000500000 0500060000000000 0c00070000000000ffffffff 0800080000000000
            0800090080000000
          60000280
            06000b000a000000 1400010020010db8000000000000000000000021 060002001f900000
            0800030000000000 0800040001000000 05000d0000000000 06000e0000000000
            06000f0000000000 0800050000000000 0800060000000000
        ",
        Command::NewDest,
        with(web6(), server),
    );
}

#[test]
fn draining_a_destination_sends_what_ipvsadm_sends() {
    let server = Destination {
        weight: 0,
        ..destination(AF_INET, ipv4([198, 51, 100, 2]), 8080)
    };
    assert_golden(
        "ipvsadm -e -t 192.0.2.1:80 -r 198.51.100.2:8080 -m -w 0",
        "
        06010000
          54000180
            0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
            0600040000500000 0500060000000000 0c00070000000000ffffffff 0800080000000000
            08000900ffffffff
          60000280
            06000b0002000000 14000100c6336402000000000000000000000000 060002001f900000
            0800030000000000 0800040000000000 05000d0000000000 06000e0000000000
            06000f0000000000 0800050000000000 0800060000000000
        ",
        Command::SetDest,
        with(web(), server),
    );
}

#[test]
fn deleting_a_destination_sends_what_ipvsadm_sends() {
    let server = Destination {
        method: IP_VS_CONN_F_DROUTE,
        ..destination(AF_INET, ipv4([198, 51, 100, 3]), 80)
    };
    assert_golden(
        "ipvsadm -d -t 192.0.2.1:80 -r 198.51.100.3",
        "
        07010000
          54000180
            0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
            0600040000500000 0500060000000000 0c00070000000000ffffffff 0800080000000000
            08000900ffffffff
          60000280
            06000b0002000000 14000100c6336403000000000000000000000000 0600020000500000
            0800030003000000 0800040001000000 05000d0000000000 06000e0000000000
            06000f0000000000 0800050000000000 0800060000000000
        ",
        Command::DelDest,
        with(web(), server),
    );
}

#[test]
fn listing_the_destinations_of_a_service_sends_what_ipvsadm_sends() {
    let key = service_key(AF_INET, ipv4([192, 0, 2, 1]), 80);
    assert_golden(
        "ipvsadm -Ln (GET_DEST dump, one per service)",
        "
        08010000
          30000180
            0600010002000000 0600020006000000 14000300c0000201000000000000000000000000
            0600040000500000
        ",
        Command::GetDest,
        vec![CmdAttr::Service(key)],
    );
}

#[test]
fn listing_the_destinations_of_an_ipv6_service_sends_what_ipvsadm_sends() {
    let key = service_key(AF_INET6, ipv6("2001:db8::10"), 80);
    assert_golden(
        "ipvsadm -Ln (GET_DEST dump, one per service)",
        "
        08010000
          30000180
            060001000a000000 0600020006000000 1400030020010db8000000000000000000000010
            0600040000500000
        ",
        Command::GetDest,
        vec![CmdAttr::Service(key)],
    );
}

#[test]
fn listing_the_destinations_of_a_firewall_mark_sends_what_ipvsadm_sends() {
    let key = vec![SvcAttr::Af(AF_INET6), SvcAttr::Fwmark(7)];
    assert_golden(
        "ipvsadm -Ln (GET_DEST dump, one per service)",
        "
        08010000
          14000180
            060001000a000000 0800050007000000
        ",
        Command::GetDest,
        vec![CmdAttr::Service(key)],
    );
}
