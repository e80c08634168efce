use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::{Endpoint, Protocol};

/// A connection that the kernel tracks, or a persistence template.
///
/// Connections sort by protocol, then client, then service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Connection {
    /// The protocol. It is `Other(0)` for the persistence template of a firewall-mark service.
    pub protocol: Protocol,
    /// The client. A persistence template has no port, and its address is truncated to the netmask.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::json::endpoint::as_fields")
    )]
    pub client: Endpoint,
    /// The service that the client connected to.
    pub service: ConnectionService,
    /// The destination that the kernel chose.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::json::endpoint::as_fields")
    )]
    pub destination: Endpoint,
    /// The state, as the kernel names it: `ESTABLISHED`, `FIN_WAIT`, `UDP` and so on. Persistence
    /// templates have the state `ASSURED` or `NONE`.
    pub state: String,
    /// The time after which the kernel removes the entry if no further packet arrives.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::as_text"))]
    pub expires: Duration,
    /// The data by which a persistence engine identifies the client. The kernel reports either this or
    /// the origin, not both.
    pub engine: Option<EngineData>,
    /// The director that saw the connection first. Only
    /// [`Client::connections_with_origin`](crate::Client::connections_with_origin) reads it.
    pub origin: Option<Origin>,
}

/// The director that saw a connection first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Origin {
    /// This director.
    Local,
    /// Another director, which sent the connection to this one by its sync daemon.
    Sync,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Local => "local",
            Self::Sync => "sync",
        })
    }
}

/// The service of a [`Connection`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum ConnectionService {
    /// The virtual IP and port.
    Endpoint(
        #[cfg_attr(
            feature = "serde",
            serde(serialize_with = "crate::json::endpoint::as_fields")
        )]
        Endpoint,
    ),
    /// The firewall mark of the service, for a persistence template.
    Fwmark(NonZeroU32),
}

impl fmt::Display for ConnectionService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(endpoint) => endpoint.fmt(f),
            Self::Fwmark(mark) => f.pad(&format!("fwmark {mark}")),
        }
    }
}

/// The data that a persistence engine stored with a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct EngineData {
    /// The name of the engine.
    pub name: String,
    /// The data, such as a SIP Call-ID.
    pub data: String,
}

impl Connection {
    /// Returns whether this is a persistence template instead of a connection.
    ///
    /// The kernel does not mark templates, but only a template has a client without a port.
    pub fn is_template(&self) -> bool {
        self.client.port.is_none() && matches!(self.state.as_str(), "NONE" | "ASSURED")
    }
}
