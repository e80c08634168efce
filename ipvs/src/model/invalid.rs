use std::net::IpAddr;
use std::time::Duration;

use crate::{
    Destination, DestinationId, Family, Forwarding, Netmask, ParseError, Persistence, Protocol,
    ServiceId, SyncRole, Timeouts, duration,
};

/// A request that makes no sense, refused before anything was sent.
///
/// The kernel would take most of these without a word, and then not do what was meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// A text is not what it should be.
    #[error(transparent)]
    Text(#[from] ParseError),
    /// Text that cannot be the name of a network device.
    #[error("{0:?} cannot be a network device: a name has 1 to 15 bytes")]
    Interface(String),
    /// A length of sync messages that the kernel would replace by another.
    #[error("sync messages of {length} bytes are out of range: {shortest} to {longest}")]
    SyncMessageLength {
        /// The length.
        length: u16,
        /// The shortest that there is in this role.
        shortest: u16,
        /// The longest that a datagram of the group's family holds.
        longest: u16,
    },
    /// An address that is no multicast group.
    #[error("{0} is not a multicast group: 224.0.0.0/4 or ff00::/8")]
    MulticastGroup(IpAddr),
    /// Text that cannot be the name of a setting.
    #[error("{0:?} cannot be a setting: a name has letters, digits and underscores")]
    SettingName(String),
    /// A value that a setting cannot have.
    #[error("net.ipv4.vs.{name} cannot be {value:?}")]
    Setting {
        /// The setting.
        name: String,
        /// The value.
        value: String,
    },
    /// A service that is named by nothing, or by more than one thing.
    #[error("a service is named by one of: tcp, udp, sctp, fwmark")]
    ServiceName,
    /// A family beside an address, which has one, or another than that.
    #[error("a family goes with a fwmark: an address has its own")]
    FamilyNotUsed,
    /// A protocol that the kernel stores and never schedules.
    #[error("IPVS does not balance protocol {}: tcp, udp or sctp", .0.number())]
    ProtocolNotBalanced(Protocol),
    /// A service for every port without persistence, which would take no connection.
    #[error("service {0} needs a port: only a persistent service takes every port")]
    PortNeeded(ServiceId),
    /// One-packet scheduling of a protocol that has connections.
    #[error("service {0} cannot schedule packets one by one: only UDP and fwmark services can")]
    OnePacketNeedsUdp(ServiceId),
    /// Persistence that the kernel would wrap around or expire at once.
    #[error(
        "persistence of {} is out of range: 1s to {}, in whole seconds",
        duration::display(*.0),
        duration::display(Persistence::LONGEST)
    )]
    PersistenceTimeout(Duration),
    /// A netmask of the other address family.
    #[error("netmask {netmask} does not fit service {service}: {}", netmask_for(service.family()))]
    NetmaskFamily {
        /// The service.
        service: ServiceId,
        /// Its netmask.
        netmask: Netmask,
    },
    /// An IPv6 netmask that is not 1 to 128.
    #[error("netmask {0} is out of range: 1 to 128")]
    NetmaskPrefix(u8),
    /// An edit that turned a service or destination into another one.
    #[error("{from} cannot become {to}: add {to} and delete {from}")]
    IdentityChanged {
        /// What was edited.
        from: String,
        /// What it became.
        to: String,
    },
    /// A weight that does not fit the kernel's 31 bits.
    #[error("weight {0} is out of range: 0 to {highest}", highest = Destination::HIGHEST_WEIGHT)]
    Weight(u32),
    /// A threshold that does not fit the kernel's 31 bits.
    #[error("threshold {0} is out of range: 1 to {highest}", highest = Destination::HIGHEST_THRESHOLD)]
    Threshold(u32),
    /// A lower threshold without an upper one, or above it.
    #[error("lower threshold {lower} needs an upper threshold that is not below it")]
    ThresholdsReversed {
        /// The lower threshold.
        lower: u32,
    },
    /// A port of its own with a method that does not rewrite ports.
    #[error(
        "destination {destination} must have the port of service {service}: {forwarding} forwarding does not rewrite it (masquerade does)"
    )]
    PortNotRewritten {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
        /// The method.
        forwarding: Forwarding,
    },
    /// A destination of the other address family without a tunnel.
    #[error(
        "destination {destination} and service {service} are of different address families: only a tunnel joins them"
    )]
    FamiliesMixed {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
    },
    /// A forwarding method that is only read.
    #[error("forwarding {0} cannot be asked for: masquerade, direct or tunnel")]
    ForwardingNotSettable(Forwarding),
    /// A tunnel that is only read.
    #[error(
        "tunnel of type {kind} with port {port} and flags {flags} cannot be asked for: ipip, gue or gre"
    )]
    TunnelNotSettable {
        /// Its type.
        kind: u8,
        /// Its port.
        port: u16,
        /// Its flags.
        flags: u16,
    },
    /// A timeout that the kernel would refuse or take for "keep".
    #[error(
        "timeout of {} is out of range: 1s to {}, in whole seconds",
        duration::display(*.0),
        duration::display(Timeouts::LONGEST)
    )]
    Timeout(Duration),
    /// The same service twice in one table.
    #[error("service {0} is there twice")]
    DuplicateService(ServiceId),
    /// Two sync daemons in one role.
    #[error("a {0} sync daemon is there twice")]
    DuplicateSyncDaemon(SyncRole),
    /// The same destination twice in one service.
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
