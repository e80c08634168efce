//! What a director balances, as far as a check must know.

mod service;

use std::{net::IpAddr, num::NonZeroU16, time::Duration};

use crate::Decapsulation;
pub(super) use service::Affinity;
pub use service::{BalancedService, Transport};

/// What IPVS is configured to do, told by whoever read it: this crate does not know IPVS.
///
/// # Examples
/// ```
/// use lbnet::{BalancedServer, BalancedService, Balancing, ForwardingMethod, Transport};
///
/// let server = BalancedServer::new("192.0.2.12".parse()?, ForwardingMethod::Direct);
/// let web = BalancedService::at(Transport::Tcp, "192.0.2.100".parse()?, "80".parse().ok())
///     .scheduler("rr")
///     .server(server);
/// let balancing = Balancing::new().service(web);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct Balancing {
    pub(super) services: Vec<BalancedService>,
    pub(super) sync_daemons: Vec<SyncDaemonSeen>,
    pub(super) tcp_timeout: Option<Duration>,
}

/// A real server behind a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct BalancedServer {
    pub(super) address: IpAddr,
    pub(super) port: Option<NonZeroU16>,
    pub(super) forwarding: ForwardingMethod,
    pub(super) weight: u32,
    pub(super) packets_in: u64,
    pub(super) packets_out: u64,
}

/// How packets get to a real server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardingMethod {
    /// With another destination; answers come back through the director, which puts the VIP in.
    Masquerade,
    /// As they are, in a frame to the server.
    Direct,
    /// In another packet.
    Tunnel(Decapsulation),
    /// In a way that nothing is checked about.
    Other,
}

/// A sync daemon that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct SyncDaemonSeen {
    pub(super) role: SyncSide,
    pub(super) interface: String,
    pub(super) id: u8,
}

/// Which of two directors a sync daemon works for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SyncSide {
    Master,
    Backup,
}

impl Balancing {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service.
    pub fn service(mut self, service: BalancedService) -> Self {
        self.services.push(service);
        self
    }

    /// Adds a sync daemon.
    pub fn sync_daemon(mut self, daemon: SyncDaemonSeen) -> Self {
        self.sync_daemons.push(daemon);
        self
    }

    /// Sets after how long an idle TCP connection is forgotten.
    pub fn tcp_timeout(self, timeout: Duration) -> Self {
        Self {
            tcp_timeout: Some(timeout),
            ..self
        }
    }

    /// The VIPs of all services, each once, in order.
    pub fn vips(&self) -> Vec<IpAddr> {
        let mut vips: Vec<_> = self
            .services
            .iter()
            .filter_map(BalancedService::vip)
            .collect();
        vips.sort_unstable();
        vips.dedup();
        vips
    }

    /// Every real server with the service that it is behind.
    pub(super) fn servers(&self) -> impl Iterator<Item = (&BalancedService, &BalancedServer)> {
        self.services
            .iter()
            .flat_map(|service| service.servers.iter().map(move |server| (service, server)))
    }
}

impl BalancedServer {
    /// A server of weight 1 whose port is that of the service.
    pub fn new(address: IpAddr, forwarding: ForwardingMethod) -> Self {
        Self {
            address,
            port: None,
            forwarding,
            weight: 1,
            packets_in: 0,
            packets_out: 0,
        }
    }

    /// Sets its port.
    pub fn port(self, port: NonZeroU16) -> Self {
        Self {
            port: Some(port),
            ..self
        }
    }

    /// Sets its share of new connections; with 0 it gets none.
    pub fn weight(self, weight: u32) -> Self {
        Self { weight, ..self }
    }

    /// Sets how many packets went to it, and how many of its answers came back through here.
    pub fn packets(self, to_it: u64, back: u64) -> Self {
        Self {
            packets_in: to_it,
            packets_out: back,
            ..self
        }
    }

    pub(super) fn encapsulation(&self) -> Option<Decapsulation> {
        match self.forwarding {
            ForwardingMethod::Tunnel(encapsulation) => Some(encapsulation),
            _ => None,
        }
    }

    /// As the command line names it behind a service: an address, and a port if it is another one.
    pub(super) fn typed(&self) -> String {
        match (self.address, self.port) {
            (address, None) => address.to_string(),
            (IpAddr::V4(address), Some(port)) => format!("{address}:{port}"),
            (IpAddr::V6(address), Some(port)) => format!("[{address}]:{port}"),
        }
    }
}

impl SyncDaemonSeen {
    /// One that tells other directors of connections.
    pub fn master(interface: impl Into<String>, id: u8) -> Self {
        Self {
            role: SyncSide::Master,
            interface: interface.into(),
            id,
        }
    }

    /// One that learns of the connections of another director.
    pub fn backup(interface: impl Into<String>, id: u8) -> Self {
        Self {
            role: SyncSide::Backup,
            interface: interface.into(),
            id,
        }
    }
}

impl SyncSide {
    /// Its name on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Backup => "backup",
        }
    }
}
