//! Attributes as bytes.

#![allow(dead_code, reason = "each test program takes what it needs")]

use std::net::Ipv4Addr;

use ipvs_sys::constants::{
    IPVS_CMD_ATTR_DEST, IPVS_CMD_ATTR_SERVICE, IPVS_DEST_ATTR_ADDR, IPVS_DEST_ATTR_ADDR_FAMILY,
    IPVS_DEST_ATTR_FWD_METHOD, IPVS_DEST_ATTR_L_THRESH, IPVS_DEST_ATTR_PORT,
    IPVS_DEST_ATTR_U_THRESH, IPVS_DEST_ATTR_WEIGHT, IPVS_SVC_ATTR_ADDR, IPVS_SVC_ATTR_AF,
    IPVS_SVC_ATTR_FLAGS, IPVS_SVC_ATTR_NETMASK, IPVS_SVC_ATTR_PORT, IPVS_SVC_ATTR_PROTOCOL,
    IPVS_SVC_ATTR_SCHED_NAME, IPVS_SVC_ATTR_TIMEOUT,
};

use crate::common::raw::{AF_INET, TCP};

/// One attribute, padded.
pub(crate) fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

pub(crate) fn nest(kind: u16, attributes: &[Vec<u8>]) -> Vec<u8> {
    attribute(kind, &attributes.concat())
}

/// The attributes that stand in `bytes`: number with its flags, and value.
pub(crate) fn split(mut bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut found = Vec::new();
    while let [l0, l1, k0, k1, ..] = *bytes {
        let length = usize::from(u16::from_ne_bytes([l0, l1]));
        found.push((u16::from_ne_bytes([k0, k1]), bytes[4..length].to_vec()));
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    assert!(bytes.is_empty(), "left over: {bytes:?}");
    found
}

/// The value of an attribute; it must be there.
#[track_caller]
pub(crate) fn value(attributes: &[(u16, Vec<u8>)], kind: u16) -> &[u8] {
    let found = attributes.iter().find(|(found, _)| *found == kind);
    &found
        .unwrap_or_else(|| panic!("no {kind} in {attributes:?}"))
        .1
}

/// What identifies TCP 192.0.2.10 with this port.
pub(crate) fn key(port: u16) -> Vec<Vec<u8>> {
    vec![
        attribute(IPVS_SVC_ATTR_AF, &AF_INET.to_ne_bytes()),
        attribute(IPVS_SVC_ATTR_PROTOCOL, &TCP.to_ne_bytes()),
        attribute(IPVS_SVC_ATTR_ADDR, &[192, 0, 2, 10]),
        attribute(IPVS_SVC_ATTR_PORT, &port.to_be_bytes()),
    ]
}

/// The configuration that every service must have: `rr` and nothing else.
pub(crate) fn configuration() -> Vec<Vec<u8>> {
    vec![
        attribute(IPVS_SVC_ATTR_SCHED_NAME, b"rr\0"),
        attribute(IPVS_SVC_ATTR_FLAGS, &[0, 0, 0, 0, 255, 255, 255, 255]),
        attribute(IPVS_SVC_ATTR_TIMEOUT, &[0; 4]),
        attribute(IPVS_SVC_ATTR_NETMASK, &[255; 4]),
    ]
}

/// TCP 192.0.2.10 with this port, to be named.
pub(crate) fn named(port: u16) -> Vec<u8> {
    nest(IPVS_CMD_ATTR_SERVICE, &key(port))
}

/// TCP 192.0.2.10 with this port, to be added.
pub(crate) fn service(port: u16) -> Vec<u8> {
    service_with(port, &[])
}

/// The same with more attributes behind the others.
pub(crate) fn service_with(port: u16, more: &[Vec<u8>]) -> Vec<u8> {
    let attributes = [&key(port), &configuration()[..], more].concat();
    nest(IPVS_CMD_ATTR_SERVICE, &attributes)
}

/// The attributes of 198.18.0.0:80 and those that follow it, masqueraded.
pub(crate) fn destination_attributes(number: u16) -> Vec<Vec<u8>> {
    vec![
        attribute(IPVS_DEST_ATTR_ADDR, &address(number).octets()),
        attribute(IPVS_DEST_ATTR_PORT, &80u16.to_be_bytes()),
        attribute(IPVS_DEST_ATTR_ADDR_FAMILY, &AF_INET.to_ne_bytes()),
        attribute(IPVS_DEST_ATTR_FWD_METHOD, &[0; 4]),
        attribute(IPVS_DEST_ATTR_WEIGHT, &1u32.to_ne_bytes()),
        attribute(IPVS_DEST_ATTR_U_THRESH, &[0; 4]),
        attribute(IPVS_DEST_ATTR_L_THRESH, &[0; 4]),
    ]
}

pub(crate) fn destination(number: u16) -> Vec<u8> {
    nest(IPVS_CMD_ATTR_DEST, &destination_attributes(number))
}

/// 198.18.0.0 and those that follow it.
pub(crate) fn address(number: u16) -> Ipv4Addr {
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(198, 18, high, low)
}

/// The same attributes without the one of this number.
#[track_caller]
pub(crate) fn without(attributes: &[Vec<u8>], kind: u16) -> Vec<Vec<u8>> {
    let mut left = attributes.to_vec();
    left.retain(|it| it[2..4] != kind.to_ne_bytes());
    assert_eq!(left.len() + 1, attributes.len());
    left
}
