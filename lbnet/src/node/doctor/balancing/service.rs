//! A service, and how it is called.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    num::{NonZeroU16, NonZeroU32},
};

use super::BalancedServer;
use crate::OuterFamily;

/// A service of IPVS.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct BalancedService {
    name: Name,
    pub(in crate::node::doctor) scheduler: Option<String>,
    pub(in crate::node::doctor) affinity: Affinity,
    pub(in crate::node::doctor) servers: Vec<BalancedServer>,
}

/// What is balanced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Address {
        transport: Transport,
        vip: IpAddr,
        port: Option<NonZeroU16>,
    },
    Mark {
        mark: NonZeroU32,
        family: OuterFamily,
    },
}

/// A protocol that has ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// Whether clients stay with their server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::node::doctor) enum Affinity {
    None,
    Persistent,
}

impl BalancedService {
    /// A service at an address; without a port, at every port.
    pub fn at(transport: Transport, vip: IpAddr, port: Option<NonZeroU16>) -> Self {
        Self::named(Name::Address {
            transport,
            vip,
            port,
        })
    }

    /// A service of packets that a firewall rule marked, whatever address they are for.
    pub fn marked(mark: NonZeroU32, family: OuterFamily) -> Self {
        Self::named(Name::Mark { mark, family })
    }

    fn named(name: Name) -> Self {
        Self {
            name,
            scheduler: None,
            affinity: Affinity::None,
            servers: Vec::new(),
        }
    }

    /// Sets how it chooses a server. Without it, it takes no connections.
    pub fn scheduler(self, name: impl Into<String>) -> Self {
        Self {
            scheduler: Some(name.into()),
            ..self
        }
    }

    /// Has clients stay with their server.
    pub fn persistent(self) -> Self {
        Self {
            affinity: Affinity::Persistent,
            ..self
        }
    }

    /// Adds a server.
    pub fn server(mut self, server: BalancedServer) -> Self {
        self.servers.push(server);
        self
    }

    /// The address that clients connect to; none if packets are balanced by their mark.
    pub fn vip(&self) -> Option<IpAddr> {
        match self.name {
            Name::Address { vip, .. } => Some(vip),
            Name::Mark { .. } => None,
        }
    }

    /// The port that clients connect to, if it is one.
    pub(in crate::node::doctor) fn port(&self) -> Option<(Transport, NonZeroU16)> {
        match self.name {
            Name::Address {
                transport, port, ..
            } => Some((transport, port?)),
            Name::Mark { .. } => None,
        }
    }

    pub(in crate::node::doctor) fn transport(&self) -> Option<Transport> {
        match self.name {
            Name::Address { transport, .. } => Some(transport),
            Name::Mark { .. } => None,
        }
    }

    /// The options that name it on the command line: `-t 192.0.2.10:80`.
    pub(in crate::node::doctor) fn options(&self) -> String {
        match self.name {
            Name::Address {
                transport,
                vip,
                port,
            } => {
                let option = match transport {
                    Transport::Tcp => "-t",
                    Transport::Udp => "-u",
                    Transport::Sctp => "--sctp",
                };
                format!("{option} {}", endpoint(vip, port))
            }
            Name::Mark { mark, family } => match family {
                OuterFamily::Ipv4 => format!("-f {mark}"),
                OuterFamily::Ipv6 => format!("-f {mark} -6"),
            },
        }
    }
}

fn endpoint(address: IpAddr, port: Option<NonZeroU16>) -> SocketAddr {
    SocketAddr::new(address, port.map_or(0, NonZeroU16::get))
}

impl Transport {
    /// Its name as firewalls write it.
    pub(in crate::node::doctor) fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        })
    }
}

impl fmt::Display for BalancedService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Name::Address {
                transport,
                vip,
                port,
            } => write!(f, "{transport} {}", endpoint(vip, port)),
            Name::Mark { mark, family } => match family {
                OuterFamily::Ipv4 => write!(f, "FWM {mark}"),
                OuterFamily::Ipv6 => write!(f, "FWM {mark} IPv6"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_called_as_it_is_listed_and_as_it_is_typed() {
        let port = NonZeroU16::new(80);
        let (four, six) = ("192.0.2.10".parse().unwrap(), "fd00::10".parse().unwrap());
        let mark = NonZeroU32::new(7).unwrap();
        for (service, listed, typed) in [
            (
                BalancedService::at(Transport::Tcp, four, port),
                "TCP 192.0.2.10:80",
                "-t 192.0.2.10:80",
            ),
            (
                BalancedService::at(Transport::Udp, six, port),
                "UDP [fd00::10]:80",
                "-u [fd00::10]:80",
            ),
            (
                BalancedService::at(Transport::Sctp, four, None),
                "SCTP 192.0.2.10:0",
                "--sctp 192.0.2.10:0",
            ),
            (
                BalancedService::marked(mark, OuterFamily::Ipv6),
                "FWM 7 IPv6",
                "-f 7 -6",
            ),
        ] {
            assert_eq!(service.to_string(), listed);
            assert_eq!(service.options(), typed);
        }
    }
}
