//! What the kernel tests share: names of things, in our words and in ipvsadm's.

#![allow(dead_code, reason = "each test program takes what it needs")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

pub(crate) mod modules;
pub(crate) mod program;
pub(crate) mod raw;
pub(crate) mod traffic;

use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use ipvs::{
    Client, Destination, Encapsulation, Endpoint, Error, Family, Forwarding, GreChecksum,
    GueChecksum, Service, ServiceId, Table,
};
use ipvs_lab::process;

/// A client of the calling thread's namespace.
pub(crate) fn client() -> Client {
    Client::open().unwrap()
}

pub(crate) fn endpoint(text: &str) -> Endpoint {
    text.parse().unwrap()
}

pub(crate) fn mark(mark: u32) -> NonZeroU32 {
    NonZeroU32::new(mark).unwrap()
}

pub(crate) fn port(port: u16) -> NonZeroU16 {
    NonZeroU16::new(port).unwrap()
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// TCP 192.0.2.10:80.
pub(crate) fn web() -> ServiceId {
    ServiceId::tcp(endpoint("192.0.2.10:80"))
}

/// 198.51.100.7:80.
pub(crate) fn server() -> Endpoint {
    endpoint("198.51.100.7:80")
}

/// A service of every protocol and family, with what ipvsadm calls it.
pub(crate) fn every_kind() -> [(ServiceId, &'static str); 8] {
    let (v4, v6) = (endpoint("192.0.2.10:80"), endpoint("[2001:db8::10]:80"));
    [
        (ServiceId::tcp(v4), "-t 192.0.2.10:80"),
        (ServiceId::tcp(v6), "-t [2001:db8::10]:80"),
        (ServiceId::udp(v4), "-u 192.0.2.10:80"),
        (ServiceId::udp(v6), "-u [2001:db8::10]:80"),
        (ServiceId::sctp(v4), "--sctp-service 192.0.2.10:80"),
        (ServiceId::sctp(v6), "--sctp-service [2001:db8::10]:80"),
        (ServiceId::fwmark(mark(7), Family::Ipv4), "-f 7"),
        (ServiceId::fwmark(mark(7), Family::Ipv6), "-f 7 -6"),
    ]
}

/// Every way through a tunnel, with what ipvsadm calls it.
pub(crate) fn every_tunnel() -> [(Encapsulation, &'static str); 6] {
    let gue = |checksum| Encapsulation::Gue {
        port: port(6080),
        checksum,
    };
    let gre = |checksum| Encapsulation::Gre { checksum };
    [
        (Encapsulation::Ipip, "--tun-type ipip"),
        (
            gue(GueChecksum::None),
            "--tun-type gue --tun-port 6080 --tun-nocsum",
        ),
        (
            gue(GueChecksum::Full),
            "--tun-type gue --tun-port 6080 --tun-csum",
        ),
        (
            gue(GueChecksum::Remote),
            "--tun-type gue --tun-port 6080 --tun-remcsum",
        ),
        (gre(GreChecksum::None), "--tun-type gre --tun-nocsum"),
        (gre(GreChecksum::Full), "--tun-type gre --tun-csum"),
    ]
}

/// What ipvsadm says of the whole table.
pub(crate) fn saved() -> String {
    process::ipvsadm(&["-Sn"])
}

/// Lines as [`saved`] has them.
pub(crate) fn lines<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) -> String {
    lines
        .into_iter()
        .map(|line| line.as_ref().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The configured service.
#[track_caller]
pub(crate) fn read(ipvs: &mut Client, id: ServiceId) -> Service {
    ipvs.service(id).unwrap().service
}

/// The configured destinations, the newest first.
#[track_caller]
pub(crate) fn destinations(ipvs: &mut Client, service: ServiceId) -> Vec<Destination> {
    let destinations = ipvs.destinations(service).unwrap();
    destinations
        .into_iter()
        .map(|status| status.destination)
        .collect()
}

/// A destination of this service with a forwarding method, at an address of this family.
pub(crate) fn destination(
    service: ServiceId,
    family: Family,
    forwarding: Forwarding,
) -> Destination {
    let address = match family {
        Family::Ipv4 => endpoint("198.51.100.7"),
        Family::Ipv6 => endpoint("2001:db8:1::7"),
    };
    let port = match (service, forwarding) {
        (_, Forwarding::Masquerade) => NonZeroU16::new(8080),
        (ServiceId::Address { endpoint, .. }, _) => endpoint.port,
        _ => None,
    };
    Destination::new(Endpoint { port, ..address }).forwarding(forwarding)
}

/// What the kernel holds, as we read it and as ipvsadm does.
pub(crate) fn state(ipvs: &mut Client) -> (Table, String) {
    (ipvs.table().unwrap(), saved())
}

/// The error of a request that must be refused and must have changed nothing.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(
    ipvs: &mut Client,
    request: impl FnOnce(&mut Client) -> Result<T, Error>,
) -> Error {
    let before = state(ipvs);
    let error = match request(ipvs) {
        Ok(value) => panic!("it was not refused: {value:?}"),
        Err(error) => error,
    };
    assert_eq!(state(ipvs), before, "after {error}");
    error
}
