//! Whether a host is as it should be: looked at, never changed.

mod balancing;
mod director;
mod expected;
mod finding;
mod findings;
mod managed;
mod real_server;
mod view;
mod vip;

pub use balancing::{
    BalancedServer, BalancedService, Balancing, ForwardingMethod, SyncDaemonSeen, Transport,
};
pub use expected::ExpectedServer;
pub use finding::{Finding, FindingKind, Severity};
pub use findings::Findings;

#[cfg(test)]
mod tests {
    //! What the tests of the checks have in common.

    use std::net::IpAddr;

    use super::*;
    use crate::{DeviceName, PathTo, Reach};

    pub(super) fn service() -> BalancedService {
        let vip = "10.10.10.100".parse().unwrap();
        BalancedService::at(Transport::Tcp, vip, "80".parse().ok())
    }

    pub(super) fn direct(address: &str) -> BalancedServer {
        BalancedServer::new(address.parse().unwrap(), ForwardingMethod::Direct)
    }

    pub(super) fn balancing(server: BalancedServer) -> Balancing {
        Balancing::new().service(service().scheduler("rr").server(server))
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

    pub(super) fn remedies(findings: &[Finding]) -> Vec<&str> {
        let all = findings.iter().flat_map(|finding| &finding.remedies);
        all.map(String::as_str).collect()
    }
}
