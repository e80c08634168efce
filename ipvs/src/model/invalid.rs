use std::net::IpAddr;
use std::time::Duration;

use crate::{
    Destination, DestinationId, Family, Forwarding, Ineffective, Netmask, ParseError, Persistence,
    Protocol, ServiceId, SyncRole, Timeouts, duration,
};

/// An invalid request. The library refuses it before it sends anything.
///
/// The kernel would silently accept most of these and then not do what the caller meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// A text cannot be parsed.
    #[error(transparent)]
    Text(#[from] ParseError),
    /// The text cannot be the name of a network device.
    #[error("{0:?} cannot be a network device: a name has 1 to 15 bytes, no blanks, `/` or `:`")]
    Interface(String),
    /// A maximum length of sync messages that the kernel would replace by another.
    #[error("sync messages of {length} bytes are out of range: {shortest} to {longest}")]
    SyncMessageLength {
        /// The length.
        length: u16,
        /// The shortest length in this role.
        shortest: u16,
        /// The longest length that fits into a datagram of the group's family.
        longest: u16,
    },
    /// An address that is not a multicast group.
    #[error("{0} is not a multicast group: 224.0.0.0/4 or ff00::/8")]
    MulticastGroup(IpAddr),
    /// The text cannot be the name of a setting.
    #[error("{0:?} cannot be a setting: a name has letters, digits and underscores")]
    SettingName(String),
    /// A value that the setting cannot have.
    #[error("net.ipv4.vs.{name} cannot be {value:?}")]
    Setting {
        /// The setting.
        name: String,
        /// The value.
        value: String,
    },
    /// A service without an identity, or with more than one.
    #[error("a service is named by one of: tcp, udp, sctp, fwmark")]
    ServiceName,
    /// A family given together with an address, which has a family of its own.
    #[error("a family goes with a fwmark: an address has its own")]
    FamilyNotUsed,
    /// A protocol that the kernel stores but never schedules.
    #[error("IPVS does not balance protocol {}: tcp, udp or sctp", .0.number())]
    ProtocolNotBalanced(Protocol),
    /// A service for every port without persistence. It would accept no connection.
    #[error("service {0} needs a port: only a persistent service takes every port")]
    PortNeeded(ServiceId),
    /// One-packet scheduling for a protocol other than UDP.
    #[error("service {0} cannot schedule packets one by one: only UDP and fwmark services can")]
    OnePacketNeedsUdp(ServiceId),
    /// A service that the kernel would accept and not serve as asked.
    #[error("service {service} {reason}")]
    Ineffective {
        /// The service.
        service: ServiceId,
        /// Why it has no effect, and what to do instead.
        reason: Ineffective,
    },
    /// A persistence timeout that would overflow in the kernel or expire at once.
    #[error(
        "persistence of {} is out of range: 1s to {}, in whole seconds",
        duration::display(*.0),
        duration::display(Persistence::LONGEST)
    )]
    PersistenceTimeout(Duration),
    /// A netmask of the wrong address family.
    #[error("netmask {netmask} does not fit service {service}: {}", netmask_for(service.family()))]
    NetmaskFamily {
        /// The service.
        service: ServiceId,
        /// The netmask.
        netmask: Netmask,
    },
    /// An IPv6 prefix length outside 1 to 128.
    #[error("netmask {0} is out of range: 1 to 128")]
    NetmaskPrefix(u8),
    /// An edit that changed the identity of a service or destination.
    #[error("{from} cannot become {to}: add {to} and delete {from}")]
    IdentityChanged {
        /// The identity before the edit.
        from: String,
        /// The identity after the edit.
        to: String,
    },
    /// A weight that exceeds the 31 bits of the kernel.
    #[error("weight {0} is out of range: 0 to {highest}", highest = Destination::HIGHEST_WEIGHT)]
    Weight(u32),
    /// A threshold that exceeds the 31 bits of the kernel.
    #[error("threshold {0} is out of range: 1 to {highest}", highest = Destination::HIGHEST_THRESHOLD)]
    Threshold(u32),
    /// A lower threshold without an upper one, or above the upper one.
    #[error("lower threshold {lower} needs an upper threshold that is not below it")]
    ThresholdsReversed {
        /// The lower threshold.
        lower: u32,
    },
    /// A destination port that differs from the service port, with a forwarding method that does not
    /// rewrite ports.
    #[error(
        "destination {destination} must have the port of service {service}: {forwarding} forwarding does not rewrite it (masquerade does)"
    )]
    PortNotRewritten {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
        /// The forwarding method.
        forwarding: Forwarding,
    },
    /// A destination of another address family than its service, without a tunnel.
    #[error(
        "destination {destination} and service {service} are of different address families: only a tunnel joins them"
    )]
    FamiliesMixed {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
    },
    /// A forwarding method that is only read, never set.
    #[error("forwarding {0} cannot be asked for: masquerade, direct or tunnel")]
    ForwardingNotSettable(Forwarding),
    /// A tunnel type that is only read, never set.
    #[error(
        "tunnel of type {kind} with port {port} and flags {flags} cannot be asked for: ipip, gue or gre"
    )]
    TunnelNotSettable {
        /// The tunnel type.
        kind: u8,
        /// The port.
        port: u16,
        /// The flags.
        flags: u16,
    },
    /// A timeout that the kernel would refuse or read as "unchanged".
    #[error(
        "timeout of {} is out of range: 1s to {}, in whole seconds",
        duration::display(*.0),
        duration::display(Timeouts::LONGEST)
    )]
    Timeout(Duration),
    /// A table that contains the same service twice.
    #[error("service {0} is there twice")]
    DuplicateService(ServiceId),
    /// A table with two sync daemons in one role.
    #[error("a {0} sync daemon is there twice")]
    DuplicateSyncDaemon(SyncRole),
    /// A service that contains the same destination twice.
    #[error("destination {destination} is there twice in service {service}")]
    DuplicateDestination {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
    },
}

fn netmask_for(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "IPv4 takes one like 255.255.255.0",
        Family::Ipv6 => "IPv6 takes a prefix length from 1 to 128",
    }
}
