//! Parses `/proc/net/ip_vs`: the table as any user may read it.

use std::fmt;
use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::path::Path;

use crate::procfs::text::{endpoint, hexadecimal, protocol, word};
use crate::{
    Client, DestinationId, Endpoint, Error, Info, Netmask, Protocol, Scheduler, ServiceId, Version,
};

const LISTING: &str = "/proc/thread-self/net/ip_vs";

/// The table as read without privilege by [`Client::listing`]. It has less detail than
/// [`Client::services`].
///
/// Fields that the kernel does not report here do not exist: statistics, scheduler flags, persistence
/// engines, thresholds, tunnel parameters and numbers of persistent clients. A field that the kernel
/// reports for only some entries is an `Option`.
///
/// [`Client::services`]: crate::Client::services
/// [`Client::listing`]: crate::Client::listing
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Listing {
    /// The IPVS version and the size of the connection table.
    pub info: Info,
    /// The services, in the kernel's order.
    pub services: Vec<ListedService>,
}

/// A service in a [`Listing`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ListedService {
    /// The identity of the service, as far as the kernel reports it.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub id: ListedServiceId,
    /// The scheduler.
    pub scheduler: Scheduler,
    /// Whether one-packet scheduling is on. `None` for a service with an IPv6 address, where the kernel
    /// does not report it.
    pub one_packet: Option<bool>,
    /// The persistence, if it is on.
    pub persistence: Option<ListedPersistence>,
    /// The destinations, newest first.
    pub destinations: Vec<ListedDestination>,
}

/// The identity of a service in a [`Listing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ListedServiceId {
    /// A service with an address and a port.
    Address {
        /// The protocol.
        protocol: Protocol,
        /// The virtual IP and port.
        endpoint: Endpoint,
    },
    /// A firewall-mark service. The kernel does not report whether it is for IPv4 or IPv6.
    Fwmark(NonZeroU32),
}

/// The identity as a listing would report it.
impl From<ServiceId> for ListedServiceId {
    fn from(id: ServiceId) -> Self {
        match id {
            ServiceId::Address { protocol, endpoint } => Self::Address { protocol, endpoint },
            ServiceId::Fwmark { mark, .. } => Self::Fwmark(mark),
        }
    }
}

impl fmt::Display for ListedServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { protocol, endpoint } => ServiceId::Address {
                protocol: *protocol,
                endpoint: *endpoint,
            }
            .fmt(f),
            Self::Fwmark(mark) => write!(f, "fwmark:{mark}"),
        }
    }
}

/// Serializes with the same keys as a service that was read over netlink.
#[cfg(feature = "serde")]
impl serde::Serialize for ListedServiceId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;

        let (address, fwmark) = match self {
            Self::Address { protocol, endpoint } => (Some((protocol, endpoint)), None),
            Self::Fwmark(mark) => (None, Some(mark)),
        };
        let mut fields = serializer.serialize_struct("ListedServiceId", 5)?;
        fields.serialize_field("protocol", &address.map(|(protocol, _)| protocol))?;
        fields.serialize_field("address", &address.map(|(_, endpoint)| endpoint.address))?;
        fields.serialize_field("port", &address.and_then(|(_, endpoint)| endpoint.port))?;
        fields.serialize_field("fwmark", &fwmark)?;
        fields.serialize_field("family", &address.map(|(_, endpoint)| endpoint.family()))?;
        fields.end()
    }
}

/// The persistence of a service in a [`Listing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ListedPersistence {
    /// The timeout, in kernel ticks. A kernel has 100, 250, 300 or 1000 ticks per second, depending on
    /// its build, and does not report how many.
    pub timeout_ticks: u32,
    /// The netmask that groups clients. `None` for a firewall mark, whose family is unknown.
    pub netmask: Option<Netmask>,
}

/// A destination in a [`Listing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ListedDestination {
    /// The real server.
    #[cfg_attr(
        feature = "serde",
        serde(flatten, serialize_with = "crate::json::endpoint::as_fields")
    )]
    pub id: DestinationId,
    /// The forwarding method, as far as the kernel reports it.
    #[cfg_attr(feature = "serde", serde(rename = "forward"))]
    pub forwarding: ListedForwarding,
    /// The weight.
    pub weight: u32,
    /// Number of active connections.
    pub active_connections: u32,
    /// Number of inactive connections: those that the kernel tracks but does not count as active.
    pub inactive_connections: u32,
}

/// The forwarding method of a destination in a [`Listing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum ListedForwarding {
    /// Masquerading. The kernel also reports methods that have no name here as masquerading.
    Masquerade,
    /// Direct routing.
    Direct,
    /// A tunnel. The kernel does not report its type.
    Tunnel,
    /// Local delivery on the director.
    Local,
}

impl fmt::Display for ListedForwarding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Masquerade => "masquerade",
            Self::Direct => "direct",
            Self::Tunnel => "tunnel",
            Self::Local => "local",
        })
    }
}

impl Client {
    /// Reads the table without privilege. [`Listing`] has fewer fields than
    /// [`virtual_servers`](Self::virtual_servers), which needs privilege.
    ///
    /// Like [`services`](Self::services), the result is not a snapshot.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: `ip_vs` is not loaded.
    ///
    /// # Kernel
    /// `/proc/net/ip_vs`. To read a table of *n* entries, the kernel takes about *n*² steps.
    ///
    /// # Examples
    /// ```no_run
    /// use ipvs::{Client, Error};
    ///
    /// let mut ipvs = Client::open()?;
    /// match ipvs.services() {
    ///     Ok(services) => println!("{} services", services.len()),
    ///     Err(Error::PermissionDenied) => {
    ///         println!("{} services, as everybody may know", ipvs.listing()?.services.len());
    ///     }
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn listing(&self) -> Result<Listing, Error> {
        let text = self.files.read_of_module(Path::new(LISTING))?;
        parse(&text).map_err(|line| Error::FileText {
            path: LISTING.into(),
            text: line.to_owned(),
        })
    }
}

/// Parses the whole file. The error is the first line that does not have the kernel's format.
fn parse(text: &str) -> Result<Listing, &str> {
    let mut lines = text.lines();
    let title = lines.next().unwrap_or_default();
    let info = info(title).ok_or(title)?;
    let mut services: Vec<ListedService> = Vec::new();
    // Two title lines.
    for line in lines.skip(2) {
        match (line.trim_start().strip_prefix("-> "), services.last_mut()) {
            (Some(rest), Some(service)) => {
                service.destinations.push(destination(rest).ok_or(line)?);
            }
            _ => services.push(service(line).ok_or(line)?),
        }
    }
    Ok(Listing { info, services })
}

/// `IP Virtual Server version 1.2.1 (size=4096)`
fn info(title: &str) -> Option<Info> {
    let (version, size) = title
        .strip_prefix("IP Virtual Server version ")?
        .split_once(" (size=")?;
    let mut numbers = version.splitn(3, '.').map(|number| number.parse().ok());
    let mut next = || numbers.next().flatten();
    Some(Info {
        version: Version {
            major: next()?,
            minor: next()?,
            patch: next()?,
        },
        connection_table_size: size.strip_suffix(')')?.parse().ok()?,
    })
}

fn service(line: &str) -> Option<ListedService> {
    let mut rest = line;
    let (kind, identity) = (word(&mut rest)?, word(&mut rest)?);
    let id = match kind {
        "FWM" => ListedServiceId::Fwmark(NonZeroU32::new(hexadecimal(identity)?)?),
        name => ListedServiceId::Address {
            protocol: protocol(name)?,
            endpoint: address_and_port(identity)?,
        },
    };
    let scheduler = Scheduler::from_kernel(word(&mut rest)?);
    let mut next = word(&mut rest);
    let is_one_packet = next == Some("ops");
    if is_one_packet {
        next = word(&mut rest);
    }
    let persistence = match next {
        Some("persistent") => Some(ListedPersistence {
            timeout_ticks: ticks(word(&mut rest)?)?,
            netmask: match (id, hexadecimal(word(&mut rest)?)?) {
                (ListedServiceId::Fwmark(_), _) => None,
                (ListedServiceId::Address { endpoint, .. }, number) => {
                    Some(netmask(endpoint, number)?)
                }
            },
        }),
        Some(_) => return None,
        None => None,
    };
    let is_ipv6 =
        matches!(id, ListedServiceId::Address { endpoint, .. } if endpoint.address.is_ipv6());
    Some(ListedService {
        id,
        scheduler,
        one_packet: (!is_ipv6).then_some(is_one_packet),
        persistence,
        destinations: Vec::new(),
    })
}

/// The kernel prints a 32-bit number as a signed one.
fn ticks(text: &str) -> Option<u32> {
    match text.parse::<i32>() {
        Ok(number) => Some(u32::from_ne_bytes(number.to_ne_bytes())),
        Err(_) => text.parse().ok(),
    }
}

fn netmask(service: Endpoint, number: u32) -> Option<Netmask> {
    if service.address.is_ipv4() {
        return Some(Netmask::Ipv4(Ipv4Addr::from(number)));
    }
    // A prefix length, whose bytes the kernel swaps as if it were an IPv4 netmask.
    u8::try_from(u32::from_be(number)).ok().map(Netmask::Ipv6)
}

fn destination(rest: &str) -> Option<ListedDestination> {
    let mut rest = rest;
    let id = address_and_port(word(&mut rest)?)?;
    let forwarding = match word(&mut rest)? {
        "Masq" => ListedForwarding::Masquerade,
        "Route" => ListedForwarding::Direct,
        "Tunnel" => ListedForwarding::Tunnel,
        "Local" => ListedForwarding::Local,
        _ => return None,
    };
    let mut number = || word(&mut rest)?.parse().ok();
    Some(ListedDestination {
        id,
        forwarding,
        weight: number()?,
        active_connections: number()?,
        inactive_connections: number()?,
    })
}

/// `C0A80164:0050` or `[fd01:…:0100]:0050`
fn address_and_port(text: &str) -> Option<Endpoint> {
    let (address, port) = text.rsplit_once(':')?;
    let address = address
        .strip_prefix('[')
        .and_then(|address| address.strip_suffix(']'))
        .unwrap_or(address);
    endpoint(address, port)
}

#[cfg(test)]
mod tests;
