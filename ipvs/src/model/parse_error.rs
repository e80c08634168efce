/// A text cannot be parsed. Every [`FromStr`](std::str::FromStr) of this library returns this error.
///
/// The message says what the text should look like.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The text is not a protocol.
    #[error("{0:?} is not a protocol: tcp, udp or sctp")]
    Protocol(String),
    /// The text is not an address with or without a port.
    #[error("{0:?} is not an address and port: write 192.0.2.10:80 or [2001:db8::10]:80")]
    Endpoint(String),
    /// The text does not name a service.
    #[error("{0:?} is not a service: write tcp:192.0.2.10:80, fwmark:7 or fwmark:7/ipv6")]
    ServiceId(String),
    /// The text cannot be the name of a scheduler.
    #[error("{0:?} cannot be a scheduler: a name has 1 to 15 letters, digits or signs")]
    SchedulerName(String),
    /// The text is not a flag of the scheduler.
    #[error("scheduler {scheduler} has no flag {name:?}: {}", flags_of(scheduler))]
    SchedulerFlag {
        /// The text.
        name: String,
        /// The name of the scheduler.
        scheduler: String,
    },
    /// The text cannot be the name of a persistence engine.
    #[error("{0:?} cannot be a persistence engine: a name has 1 to 16 letters, digits or signs")]
    EngineName(String),
    /// The text is not a netmask.
    #[error(
        "{0:?} is not a netmask: write 255.255.255.0 for IPv4, a prefix length from 1 to 128 for IPv6"
    )]
    Netmask(String),
    /// The text is not a role of a sync daemon.
    #[error("{0:?} is not a role of a sync daemon: master or backup")]
    SyncRole(String),
    /// The text is not a duration.
    #[error("{0:?} is not a duration: write 300, 300s or 5m")]
    Duration(String),
    /// The text is not a forwarding method.
    #[error("{0:?} is not a forwarding method: masquerade, direct or tunnel")]
    Forwarding(String),
    /// The text is not an encapsulation.
    #[error("{0:?} is not a tunnel: ipip, gue,port=N[,csum|remcsum] or gre[,csum]")]
    Encapsulation(String),
    /// A GUE tunnel without its UDP port.
    #[error("gue needs a port: gue,port=6080")]
    GuePort,
    /// A tunnel is given for a destination with another forwarding method.
    #[error("a tunnel goes with forwarding \"tunnel\", not with {0:?}")]
    TunnelNotUsed(String),
}

fn flags_of(scheduler: &str) -> &'static str {
    match scheduler {
        "sh" => "sh-fallback, sh-port, flag-1, flag-2 or flag-3",
        "mh" => "mh-fallback, mh-port, flag-1, flag-2 or flag-3",
        _ => "flag-1, flag-2 or flag-3",
    }
}
