mod hashing;
mod persistence;
mod scheduler;

pub use hashing::Hashing;
pub use persistence::{Netmask, Persistence, PersistenceEngine};
pub use scheduler::{Scheduler, SchedulerFlags};

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::{Endpoint, Family, ParseError, Protocol, Stats};

/// Identifies a service: two services with the same identity cannot exist.
///
/// The text form is the same in messages, in JSON and in logs: `tcp:192.0.2.10:80`,
/// `udp:[2001:db8::10]:53`, `fwmark:7`, `fwmark:7/ipv6`. [`Display`](fmt::Display) writes it,
/// [`FromStr`] reads it, and so does serde. A service for every port has port 0.
///
/// # Examples
/// ```
/// use ipvs::{Endpoint, ServiceId};
///
/// let web: ServiceId = "tcp:[2001:db8::10]:80".parse()?;
/// assert_eq!(web, ServiceId::tcp("[2001:db8::10]:80".parse::<Endpoint>()?));
/// assert_eq!(web.to_string(), "tcp:[2001:db8::10]:80");
/// # Ok::<(), ipvs::ParseError>(())
/// ```
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
            Self::Address { protocol, endpoint } => {
                let protocol = protocol.to_string().to_ascii_lowercase();
                f.pad(&format!("{protocol}:{endpoint}"))
            }
            Self::Fwmark {
                mark,
                family: Family::Ipv4,
            } => f.pad(&format!("fwmark:{mark}")),
            Self::Fwmark {
                mark,
                family: Family::Ipv6,
            } => f.pad(&format!("fwmark:{mark}/ipv6")),
        }
    }
}

impl FromStr for ServiceId {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::ServiceId(text.to_owned());
        let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
        if !kind.eq_ignore_ascii_case("fwmark") {
            return Ok(Self::Address {
                protocol: kind.parse().map_err(|_| wrong())?,
                endpoint: rest.parse().map_err(|_| wrong())?,
            });
        }
        let (mark, family) = match rest.split_once('/') {
            None => (rest, Family::Ipv4),
            Some((mark, "ipv4")) => (mark, Family::Ipv4),
            Some((mark, "ipv6")) => (mark, Family::Ipv6),
            Some(_) => return Err(wrong()),
        };
        let mark = mark.parse().map_err(|_| wrong())?;
        Ok(Self::Fwmark { mark, family })
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
/// assert_eq!(web.id.to_string(), "tcp:192.0.2.10:80");
/// # Ok::<(), ipvs::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
