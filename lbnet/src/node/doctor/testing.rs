//! What the tests of the checks have in common.

use std::net::IpAddr;

use ipvs::{
    ConnectionService, Destination, DestinationStatus, Endpoint, Forwarding, Protocol, Scheduler,
    Service, ServiceStatus, Stats, VirtualServerStatus,
};

use super::{
    Balancing, Finding, FindingKind,
    balancing::{Flow, Progress},
};
use crate::{DeviceName, Holder, MacAddress, PathTo, Reach, Usage};

fn endpoint(address: &str) -> Endpoint {
    Endpoint::new(address.parse().unwrap(), 80)
}

pub(super) fn service() -> Service {
    Service::tcp(endpoint("10.10.10.100")).scheduler("rr".parse::<Scheduler>().unwrap())
}

pub(super) fn direct(address: &str) -> Destination {
    Destination::new(endpoint(address))
}

pub(super) fn masqueraded(address: &str) -> Destination {
    direct(address).forwarding(Forwarding::Masquerade)
}

/// The service with this destination.
pub(super) fn balancing(destination: Destination) -> Balancing {
    of(service(), [destination])
}

/// A service with these destinations, none of which has had a packet.
pub(super) fn of<const N: usize>(service: Service, destinations: [Destination; N]) -> Balancing {
    with_traffic(
        service,
        destinations.map(|it| DestinationStatus::new(it, Stats::default())),
    )
}

pub(super) fn with_traffic<const N: usize>(
    service: Service,
    destinations: [DestinationStatus; N],
) -> Balancing {
    let service = ServiceStatus::new(service, Stats::default());
    Balancing {
        servers: vec![VirtualServerStatus::new(service, destinations)],
        ..Balancing::default()
    }
}

/// A TCP connection of the service.
pub(super) fn flow(client: &str, server: &str, progress: Progress) -> Flow {
    Flow {
        protocol: Protocol::Tcp,
        client: client.parse().unwrap(),
        service: ConnectionService::Endpoint(endpoint("10.10.10.100")),
        server: endpoint(server),
        progress,
    }
}

/// The way to a neighbour, from a director with the address 10.10.10.11.
pub(super) fn way(address: &str, device: &str) -> (IpAddr, PathTo) {
    let path = PathTo {
        reach: Reach::Remote,
        device: DeviceName::from_kernel(device.to_owned()),
        gateway: None,
        source: "10.10.10.11".parse().ok(),
        mtu: None,
    };
    (address.parse().unwrap(), path)
}

/// A host that answered.
pub(super) fn holder(address: &str, device: &str) -> Holder {
    Holder {
        address: address.parse().unwrap(),
        device: DeviceName::from_kernel(device.to_owned()),
        mac: MacAddress([2, 0, 0, 0, 0, 12]),
        usage: Usage::InUse,
    }
}

/// The way to an address of this host.
pub(super) fn here(address: &str) -> (IpAddr, PathTo) {
    let path = PathTo {
        reach: Reach::Local,
        device: DeviceName::loopback(),
        gateway: None,
        source: None,
        mtu: None,
    };
    (address.parse().unwrap(), path)
}

pub(super) fn kinds(findings: &[Finding]) -> Vec<FindingKind> {
    findings.iter().map(|finding| finding.kind).collect()
}

/// What fixes them, in words.
pub(super) fn remedies(findings: &[Finding]) -> Vec<String> {
    let all = findings.iter().flat_map(|finding| &finding.remedies);
    all.map(ToString::to_string).collect()
}
