mod hashing;
mod ineffective;
mod persistence;
mod scheduler;

pub use hashing::Hashing;
pub use ineffective::{Ineffective, IneffectiveServices};
pub use persistence::{Netmask, Persistence, PersistenceEngine};
pub use scheduler::{Scheduler, SchedulerFlags};

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::model::number::unsigned;
use crate::{Endpoint, Family, ParseError, Protocol, Stats};

/// The identity of a service. Two services cannot have the same identity.
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
    /// A service with an address and a port.
    Address {
        /// The protocol.
        protocol: Protocol,
        /// The virtual IP and port.
        endpoint: Endpoint,
    },
    /// A service for packets with a firewall mark. Mark 7 for IPv4 and mark 7 for IPv6 are two services.
    Fwmark {
        /// The firewall mark.
        mark: NonZeroU32,
        /// The address family of the packets.
        family: Family,
    },
}

impl ServiceId {
    /// Creates the identity of a TCP service.
    pub fn tcp(endpoint: impl Into<Endpoint>) -> Self {
        Self::address(Protocol::Tcp, endpoint)
    }

    /// Creates the identity of a UDP service.
    pub fn udp(endpoint: impl Into<Endpoint>) -> Self {
        Self::address(Protocol::Udp, endpoint)
    }

    /// Creates the identity of an SCTP service.
    pub fn sctp(endpoint: impl Into<Endpoint>) -> Self {
        Self::address(Protocol::Sctp, endpoint)
    }

    /// Creates the identity of a service for packets with this firewall mark.
    pub fn fwmark(mark: NonZeroU32, family: Family) -> Self {
        Self::Fwmark { mark, family }
    }

    fn address(protocol: Protocol, endpoint: impl Into<Endpoint>) -> Self {
        Self::Address {
            protocol,
            endpoint: endpoint.into(),
        }
    }

    /// Returns the address family.
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
        let mark = unsigned(mark).ok_or_else(wrong)?;
        Ok(Self::Fwmark { mark, family })
    }
}

/// The configuration of a service.
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
    /// The identity. It cannot be edited.
    pub id: ServiceId,
    /// The scheduler, which chooses a destination for each new connection.
    pub scheduler: Scheduler,
    /// The flags of the scheduler.
    pub scheduler_flags: SchedulerFlags,
    /// The persistence: whether and how long a client stays with its destination.
    pub persistence: Option<Persistence>,
    /// The persistence engine, which identifies clients by other data than their address.
    pub persistence_engine: Option<PersistenceEngine>,
    /// One-packet scheduling: whether the kernel schedules every packet independently. Only for UDP and
    /// firewall marks. Since Linux 2.6.36.
    pub one_packet: bool,
}

impl Service {
    /// Creates a service with the default scheduler.
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

    /// Creates a TCP service.
    pub fn tcp(endpoint: impl Into<Endpoint>) -> Self {
        Self::new(ServiceId::tcp(endpoint))
    }

    /// Creates a UDP service.
    pub fn udp(endpoint: impl Into<Endpoint>) -> Self {
        Self::new(ServiceId::udp(endpoint))
    }

    /// Creates an SCTP service.
    pub fn sctp(endpoint: impl Into<Endpoint>) -> Self {
        Self::new(ServiceId::sctp(endpoint))
    }

    /// Creates a service for packets with a firewall mark.
    pub fn fwmark(mark: NonZeroU32, family: Family) -> Self {
        Self::new(ServiceId::fwmark(mark, family))
    }

    /// Sets the scheduler.
    #[must_use]
    pub fn scheduler(mut self, scheduler: Scheduler) -> Self {
        self.scheduler = scheduler;
        self
    }

    /// Sets a hashing scheduler with its flags.
    #[must_use]
    pub fn scheduler_flags(mut self, flags: SchedulerFlags) -> Self {
        self.scheduler_flags = flags;
        self
    }

    /// Makes the service persistent: a client keeps its destination for a
    /// [`Duration`](std::time::Duration), or as a [`Persistence`] says.
    #[must_use]
    pub fn persistent(mut self, persistence: impl Into<Persistence>) -> Self {
        self.persistence = Some(persistence.into());
        self
    }

    /// Sets the persistence engine.
    #[must_use]
    pub fn persistence_engine(mut self, engine: PersistenceEngine) -> Self {
        self.persistence_engine = Some(engine);
        self
    }

    /// Turns on one-packet scheduling.
    #[must_use]
    pub fn one_packet(mut self) -> Self {
        self.one_packet = true;
        self
    }
}

/// A service as read from the kernel: its configuration and statistics.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ServiceStatus {
    /// The configuration.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub service: Service,
    /// The statistics.
    pub stats: Stats,
}

impl ServiceStatus {
    /// Creates a status with these statistics.
    pub fn new(service: Service, stats: Stats) -> Self {
        Self { service, stats }
    }
}
