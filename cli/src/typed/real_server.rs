//! A real server, given as an address with or without a port.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipvs::{DestinationId, DestinationStatus, Endpoint, ParseError, ServiceId};

use crate::ending::Failure;

/// An address, with a port if one was typed.
///
/// Without a port, the service's port is meant. Port 0 means that packets keep their port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RealServer {
    address: IpAddr,
    port: Option<u16>,
}

impl RealServer {
    pub(crate) fn new(address: IpAddr, port: Option<u16>) -> Self {
        Self { address, port }
    }

    /// The destination of a service that this real server is.
    pub(crate) fn behind(self, service: ServiceId) -> DestinationId {
        match self.port {
            Some(port) => Endpoint::new(self.address, port),
            None => self.with_the_port_of(service),
        }
    }

    /// The same for forwarding methods that cannot change the port: it is the service's port. A
    /// firewall-mark service has no port, so the port stays.
    pub(crate) fn with_the_port_of(self, service: ServiceId) -> DestinationId {
        match service {
            ServiceId::Address { endpoint, .. } => Endpoint {
                address: self.address,
                port: endpoint.port,
            },
            _ => Endpoint::new(self.address, self.port.unwrap_or(0)),
        }
    }
}

impl RealServer {
    /// Whether it is this destination. Without a port it is every destination at the address.
    pub(crate) fn is(self, destination: DestinationId) -> bool {
        self.address == destination.address
            && self
                .port
                .is_none_or(|port| Endpoint::new(self.address, port) == destination)
    }

    /// Those of a service's destinations that it is.
    pub(crate) fn among(self, destinations: &[DestinationStatus]) -> Vec<DestinationStatus> {
        let destinations = destinations.iter().copied();
        destinations
            .filter(|status| self.is(status.destination.id))
            .collect()
    }

    /// The error that it is among the destinations of no service.
    pub(crate) fn is_nowhere(self) -> Failure {
        format!("no service has the real server {self}").into()
    }
}

/// As it was typed.
impl fmt::Display for RealServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.address, port).fmt(f),
            None => self.address.fmt(f),
        }
    }
}

impl FromStr for RealServer {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let endpoint: Endpoint = text.parse()?;
        let typed = text.parse::<SocketAddr>().map(|address| address.port());
        Ok(Self {
            address: endpoint.address,
            port: typed.ok(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_the_services_and_port_0_is_every_port() {
        let web = ServiceId::tcp("192.0.2.1:80".parse::<Endpoint>().unwrap());
        for (typed, called) in [
            ("192.0.2.2", "192.0.2.2:80"),
            ("192.0.2.2:8080", "192.0.2.2:8080"),
            ("192.0.2.2:0", "192.0.2.2:0"),
            ("[2001:db8::2]", "[2001:db8::2]:80"),
            ("[2001:db8::2]:0", "[2001:db8::2]:0"),
        ] {
            let server: RealServer = typed.parse().unwrap();
            assert_eq!(server.behind(web).to_string(), called);
        }
    }
}
