//! What IPVS does on a host.

mod flow;

use std::{net::IpAddr, num::NonZeroU16};

use ipvs::{
    Application, CacheBypass, Client, DestinationStatus, Forwarding, Protocol, Service, ServiceId,
    SyncDaemon, Timeouts, VirtualServerStatus, settings,
};

use crate::Decapsulation;
pub(super) use flow::{Flow, Progress};

/// What IPVS does on a host: all that the doctor has to know of it.
///
/// # Examples
/// ```no_run
/// use lbnet::doctor::Balancing;
///
/// let balancing = Balancing::read(&mut ipvs::Client::open()?)?;
/// println!("virtual IPs: {:?}", balancing.vips());
/// # Ok::<(), ipvs::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Balancing {
    /// The services with their destinations.
    pub servers: Vec<VirtualServerStatus>,
    /// The running sync daemons.
    pub sync_daemons: Vec<SyncDaemon>,
    /// How long IPVS keeps idle connections.
    pub timeouts: Timeouts,
    /// The protocol helpers, such as the one for FTP.
    pub applications: Vec<Application>,
    pub(super) cache_bypass: CacheBypass,
    pub(super) flows: Vec<Flow>,
}

impl Balancing {
    /// Reads it. Of the connections, it reads a sample of a fixed size.
    ///
    /// # Errors
    /// Those of [`Client::virtual_servers`], above all [`ipvs::Error::PermissionDenied`]: reading
    /// IPVS needs `CAP_NET_ADMIN`.
    pub fn read(ipvs: &mut Client) -> Result<Self, ipvs::Error> {
        Ok(Self {
            servers: ipvs.virtual_servers()?,
            sync_daemons: ipvs.sync_daemons()?,
            timeouts: ipvs.timeouts()?,
            applications: ipvs.applications()?,
            // A kernel that does not have the setting does not do it.
            cache_bypass: ipvs
                .setting(&settings::CACHE_BYPASS)
                .unwrap_or(false)
                .into(),
            flows: Flow::read(ipvs)?,
        })
    }

    /// Whether IPVS does nothing: there are no services and no sync daemons.
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty() && self.sync_daemons.is_empty()
    }

    /// The virtual IPs of all services, each once, in order.
    ///
    /// Services of a firewall mark have none. Neither have services at an address that no other host
    /// can reach, such as 127.0.0.1: only programs of this host are their clients.
    pub fn vips(&self) -> Vec<IpAddr> {
        let vips = self.services().filter_map(|it| vip(it.id));
        let mut vips: Vec<_> = vips
            .filter(|vip| crate::model::vip::check(*vip).is_ok())
            .collect();
        vips.sort_unstable();
        vips.dedup();
        vips
    }

    /// The services without their destinations.
    pub(super) fn services(&self) -> impl Iterator<Item = &Service> {
        self.servers.iter().map(|server| &server.service.service)
    }

    /// Every destination with its service.
    pub(super) fn destinations(&self) -> impl Iterator<Item = (&Service, &DestinationStatus)> {
        self.servers.iter().flat_map(|server| {
            let service = &server.service.service;
            server.destinations.iter().map(move |it| (service, it))
        })
    }

    /// Every destination that packets are masqueraded to.
    pub(super) fn masqueraded(&self) -> impl Iterator<Item = (&Service, &DestinationStatus)> {
        self.destinations()
            .filter(|(_, status)| status.destination.forwarding == Forwarding::Masquerade)
    }
}

/// The address that clients connect to; none if packets are balanced by their firewall mark.
pub(super) fn vip(service: ServiceId) -> Option<IpAddr> {
    match service {
        ServiceId::Address { endpoint, .. } => Some(endpoint.address),
        _ => None,
    }
}

/// The protocol that clients use; none if packets are balanced by their firewall mark.
pub(super) fn protocol(service: ServiceId) -> Option<Protocol> {
    match service {
        ServiceId::Address { protocol, .. } => Some(protocol),
        _ => None,
    }
}

/// The port that clients connect to, if the service has only one.
pub(super) fn port(service: ServiceId) -> Option<(Protocol, NonZeroU16)> {
    match service {
        ServiceId::Address { protocol, endpoint } => Some((protocol, endpoint.port?)),
        _ => None,
    }
}

/// The tunnel that packets to a destination go through, if this version knows how to receive it.
pub(super) fn decapsulation(status: &DestinationStatus) -> Option<Decapsulation> {
    match status.destination.forwarding {
        Forwarding::Tunnel(sent) => Decapsulation::of(sent),
        _ => None,
    }
}
