//! Validation: what the kernel silently accepts but should not, and what it refuses without a reason.

use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use crate::{
    Destination, Encapsulation, Forwarding, Invalid, Netmask, Persistence, Protocol, Service,
    ServiceId, SyncDaemon, SyncRole, Timeouts,
};

/// Maximum length of a network device's name, in bytes, without the terminating NUL.
const LONGEST_INTERFACE: usize = 15;

impl Service {
    /// Checks for configuration that the kernel would accept but should not.
    ///
    /// A service that passes can still be [ineffective](Self::ineffective).
    ///
    /// # Errors
    /// The same that [`Client::add_service`](crate::Client::add_service) returns before it sends anything,
    /// except [`Invalid::Ineffective`].
    pub fn validate(&self) -> Result<(), Invalid> {
        service(self)
    }
}

impl Destination {
    /// Checks for configuration that the kernel would accept for this service but should not.
    ///
    /// # Errors
    /// The same that [`Client::add_destination`](crate::Client::add_destination) returns before it sends
    /// anything.
    pub fn validate(&self, service: ServiceId) -> Result<(), Invalid> {
        destination(service, self)
    }
}

pub(crate) fn service(service: &Service) -> Result<(), Invalid> {
    let id = service.id;
    if let ServiceId::Address { protocol, endpoint } = id {
        if let Protocol::Other(_) = Protocol::from(protocol.number()) {
            return Err(Invalid::ProtocolNotBalanced(protocol));
        }
        if endpoint.port.is_none() && service.persistence.is_none() {
            return Err(Invalid::PortNeeded(id));
        }
        if service.one_packet && protocol != Protocol::Udp {
            return Err(Invalid::OnePacketNeedsUdp(id));
        }
    }
    if let Some(persistence) = service.persistence {
        if !in_whole_seconds(persistence.timeout, Persistence::LONGEST) {
            return Err(Invalid::PersistenceTimeout(persistence.timeout));
        }
        match persistence.netmask {
            Some(netmask) if netmask.family() != id.family() => {
                return Err(Invalid::NetmaskFamily {
                    service: id,
                    netmask,
                });
            }
            Some(Netmask::Ipv6(prefix)) if !(1..=128).contains(&prefix) => {
                return Err(Invalid::NetmaskPrefix(prefix));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Refuses a service that the kernel would accept and not serve as asked.
pub(crate) fn effective(service: &Service) -> Result<(), Invalid> {
    match service.ineffective() {
        None => Ok(()),
        Some(reason) => Err(Invalid::Ineffective {
            service: service.id,
            reason,
        }),
    }
}

pub(crate) fn destination(service: ServiceId, destination: &Destination) -> Result<(), Invalid> {
    let id = destination.id;
    let rewrites_port = match destination.forwarding {
        Forwarding::Masquerade => true,
        Forwarding::Direct
        | Forwarding::Tunnel(
            Encapsulation::Ipip | Encapsulation::Gue { .. } | Encapsulation::Gre { .. },
        ) => false,
        Forwarding::Tunnel(Encapsulation::Other { kind, port, flags }) => {
            return Err(Invalid::TunnelNotSettable { kind, port, flags });
        }
        other => return Err(Invalid::ForwardingNotSettable(other)),
    };
    if id.family() != service.family() && !matches!(destination.forwarding, Forwarding::Tunnel(_)) {
        return Err(Invalid::FamiliesMixed {
            service,
            destination: id,
        });
    }
    match service {
        // Packets with a firewall mark can have any port and keep it, whatever the destination says.
        ServiceId::Address { endpoint, .. } if !rewrites_port && id.port != endpoint.port => {
            return Err(Invalid::PortNotRewritten {
                service,
                destination: id,
                forwarding: destination.forwarding,
            });
        }
        _ => {}
    }
    numbers(destination)
}

/// The checks of a destination that do not depend on its service.
pub(crate) fn numbers(destination: &Destination) -> Result<(), Invalid> {
    weight(destination.weight)?;
    thresholds(destination.lower_threshold, destination.upper_threshold)
}

pub(crate) fn weight(weight: u32) -> Result<(), Invalid> {
    if weight > Destination::HIGHEST_WEIGHT {
        return Err(Invalid::Weight(weight));
    }
    Ok(())
}

fn thresholds(lower: Option<NonZeroU32>, upper: Option<NonZeroU32>) -> Result<(), Invalid> {
    for threshold in [lower, upper].into_iter().flatten() {
        if threshold.get() > Destination::HIGHEST_THRESHOLD {
            return Err(Invalid::Threshold(threshold.get()));
        }
    }
    match lower {
        Some(lower) if upper.is_none_or(|upper| upper < lower) => {
            Err(Invalid::ThresholdsReversed { lower: lower.get() })
        }
        _ => Ok(()),
    }
}

/// Checks an edit. Only what the edit made invalid counts, not what was invalid before.
pub(crate) fn edit<T>(
    before: &T,
    after: &T,
    check: impl Fn(&T) -> Result<(), Invalid>,
) -> Result<(), Invalid> {
    match check(after) {
        Err(error) if check(before) != Err(error.clone()) => Err(error),
        _ => Ok(()),
    }
}

pub(crate) fn timeouts(timeouts: &Timeouts) -> Result<(), Invalid> {
    [timeouts.tcp, timeouts.tcp_fin, timeouts.udp]
        .into_iter()
        .flatten()
        .find(|timeout| !in_whole_seconds(*timeout, Timeouts::LONGEST))
        .map_or(Ok(()), |timeout| Err(Invalid::Timeout(timeout)))
}

pub(crate) fn sync_daemon(daemon: &SyncDaemon) -> Result<(), Invalid> {
    let interface = &daemon.interface;
    // No device of the kernel has one of these.
    let forbidden = |c: char| c == '/' || c == ':' || c == '\0' || c.is_whitespace();
    let length = 1..=LONGEST_INTERFACE;
    if !length.contains(&interface.len()) || interface.contains(forbidden) {
        return Err(Invalid::Interface(interface.clone()));
    }
    if let Some(group) = daemon.group.filter(|group| !group.is_multicast()) {
        return Err(Invalid::MulticastGroup(group));
    }
    // The kernel would silently clamp it, and the daemon would never have the requested value.
    let headers = match daemon.group {
        Some(IpAddr::V6(_)) => IPV6_UDP_HEADERS,
        _ => IPV4_UDP_HEADERS,
    };
    let shortest = match daemon.role {
        SyncRole::Master => 1,
        SyncRole::Backup => SHORTEST_BACKUP_MESSAGE,
    };
    let range = shortest..=u16::MAX - headers;
    match daemon.max_length.map(NonZeroU16::get) {
        Some(length) if !range.contains(&length) => Err(Invalid::SyncMessageLength {
            length,
            shortest,
            longest: *range.end(),
        }),
        _ => Ok(()),
    }
}

/// Bytes of a datagram of 65535 bytes that are not part of the sync message.
const IPV4_UDP_HEADERS: u16 = 28;
const IPV6_UDP_HEADERS: u16 = 48;

/// A backup always accepts messages of this length, in bytes.
const SHORTEST_BACKUP_MESSAGE: u16 = 1024;

fn in_whole_seconds(duration: Duration, longest: Duration) -> bool {
    duration >= Duration::from_secs(1) && duration <= longest && duration.subsec_nanos() == 0
}
