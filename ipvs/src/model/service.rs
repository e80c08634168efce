mod hashing;
mod persistence;
mod scheduler;

pub use hashing::Hashing;
pub use persistence::{Netmask, Persistence, PersistenceEngine};
pub use scheduler::{Scheduler, SchedulerFlags};

use std::fmt;
use std::num::NonZeroU32;

use crate::{Endpoint, Family, Protocol, Stats};

/// What tells one service from another.
///
/// [`Display`](fmt::Display) gives it as listings show it: `TCP 192.0.2.10:80`, `FWM 7`,
/// `FWM 7 IPv6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ServiceId {
    /// Packets for an address and a port.
    Address {
        /// Their protocol.
        protocol: Protocol,
        /// Where they go to: the virtual address.
        endpoint: Endpoint,
    },
    /// Packets that a firewall rule marked. Mark 7 of IPv4 and mark 7 of IPv6 are two services.
    Fwmark {
        /// The mark.
        mark: NonZeroU32,
        /// Their family.
        family: Family,
    },
}

impl ServiceId {
    /// TCP to this address.
    pub fn tcp(endpoint: impl Into<Endpoint>) -> Self {
        Self::address(Protocol::Tcp, endpoint)
    }

    /// UDP to this address.
    pub fn udp(endpoint: impl Into<Endpoint>) -> Self {
        Self::address(Protocol::Udp, endpoint)
    }

    /// SCTP to this address.
    pub fn sctp(endpoint: impl Into<Endpoint>) -> Self {
        Self::address(Protocol::Sctp, endpoint)
    }

    /// Whatever a firewall rule gave this mark.
    pub fn fwmark(mark: NonZeroU32, family: Family) -> Self {
        Self::Fwmark { mark, family }
    }

    fn address(protocol: Protocol, endpoint: impl Into<Endpoint>) -> Self {
        Self::Address {
            protocol,
            endpoint: endpoint.into(),
        }
    }

    /// The address family.
    pub fn family(self) -> Family {
        match self {
            Self::Address { endpoint, .. } => endpoint.family(),
            Self::Fwmark { family, .. } => family,
        }
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { protocol, endpoint } => write!(f, "{protocol} {endpoint}"),
            Self::Fwmark {
                mark,
                family: Family::Ipv4,
            } => write!(f, "FWM {mark}"),
            Self::Fwmark {
                mark,
                family: Family::Ipv6,
            } => write!(f, "FWM {mark} IPv6"),
        }
    }
}

/// How a service is configured.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use ipvs::{Endpoint, Scheduler, Service};
///
/// let web = Service::tcp("192.0.2.10:80".parse::<Endpoint>()?)
///     .scheduler(Scheduler::ROUND_ROBIN)
///     .persistent(Duration::from_secs(300));
/// assert_eq!(web.id.to_string(), "TCP 192.0.2.10:80");
/// # Ok::<(), ipvs::Invalid>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        into = "crate::model::serde::ServiceFields",
        try_from = "crate::model::serde::ServiceFields"
    )
)]
#[non_exhaustive]
pub struct Service {
    /// What tells it from others. It cannot be changed, only added and deleted.
    pub id: ServiceId,
    /// How it chooses a destination.
    pub scheduler: Scheduler,
    /// Settings of the scheduler.
    pub scheduler_flags: SchedulerFlags,
    /// Whether clients stay with their destination.
    pub persistence: Option<Persistence>,
    /// What clients are recognised by instead of their address.
    pub persistence_engine: Option<PersistenceEngine>,
    /// Whether each packet is scheduled by itself; UDP and marks only. Since Linux 2.6.36.
    pub one_packet: bool,
}

impl Service {
    /// A service with the default scheduler and nothing else.
    pub fn new(id: ServiceId) -> Self {
        Self {
            id,
            scheduler: Scheduler::default(),
            scheduler_flags: SchedulerFlags::empty(),
            persistence: None,
            persistence_engine: None,
            one_packet: false,
        }
    }

    /// A TCP service.
    pub fn tcp(endpoint: impl Into<Endpoint>) -> Self {
        Self::new(ServiceId::tcp(endpoint))
    }

    /// A UDP service.
    pub fn udp(endpoint: impl Into<Endpoint>) -> Self {
        Self::new(ServiceId::udp(endpoint))
    }

    /// An SCTP service.
    pub fn sctp(endpoint: impl Into<Endpoint>) -> Self {
        Self::new(ServiceId::sctp(endpoint))
    }

    /// A service for what a firewall rule marked.
    pub fn fwmark(mark: NonZeroU32, family: Family) -> Self {
        Self::new(ServiceId::fwmark(mark, family))
    }

    /// Refuses what the kernel would take and should not: what adding it would refuse.
    pub fn validate(&self) -> Result<(), crate::Invalid> {
        crate::model::validate::service(self)
    }

    /// Chooses destinations like this.
    #[must_use]
    pub fn scheduler(mut self, scheduler: Scheduler) -> Self {
        self.scheduler = scheduler;
        self
    }

    /// Sets the scheduler up like this.
    #[must_use]
    pub fn scheduler_flags(mut self, flags: SchedulerFlags) -> Self {
        self.scheduler_flags = flags;
        self
    }

    /// Keeps each client with its destination: for a [`Duration`](std::time::Duration), or as a
    /// whole [`Persistence`] says.
    #[must_use]
    pub fn persistent(mut self, persistence: impl Into<Persistence>) -> Self {
        self.persistence = Some(persistence.into());
        self
    }

    /// Recognises clients by this instead of their address.
    #[must_use]
    pub fn persistence_engine(mut self, engine: PersistenceEngine) -> Self {
        self.persistence_engine = Some(engine);
        self
    }

    /// Schedules each packet by itself.
    #[must_use]
    pub fn one_packet(mut self) -> Self {
        self.one_packet = true;
        self
    }
}

impl From<std::time::Duration> for Persistence {
    fn from(timeout: std::time::Duration) -> Self {
        Self::new(timeout)
    }
}

/// A service as it was read: its configuration and what it counted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ServiceStatus {
    /// How it is configured.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub service: Service,
    /// What it counted.
    pub stats: Stats,
}

impl ServiceStatus {
    /// A service that counted this.
    pub fn new(service: Service, stats: Stats) -> Self {
        Self { service, stats }
    }
}
