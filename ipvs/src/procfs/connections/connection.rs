//! Parses one line of `/proc/net/ip_vs_conn` or `/proc/net/ip_vs_conn_sync`.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::procfs::text::{address, endpoint, protocol, word};
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

    /// Parses a line of `/proc/net/ip_vs_conn` or `/proc/net/ip_vs_conn_sync`. Returns `None` if the
    /// line does not have the kernel's format.
    ///
    /// All numbers except the seconds are hexadecimal. The data of an engine may contain blanks.
    ///
    /// # Examples
    /// ```
    /// let line = "TCP C0A80102 C5C6 C0A80164 0050 0A010002 1F90 ESTABLISHED     897";
    /// let connection = ipvs::Connection::parse(line).expect("a line of the kernel's");
    /// assert_eq!(connection.destination.to_string(), "10.1.0.2:8080");
    /// ```
    pub fn parse(line: &str) -> Option<Self> {
        let mut rest = line;
        let protocol_name = word(&mut rest)?;
        let client = endpoint(word(&mut rest)?, word(&mut rest)?)?;
        let (virtual_address, port) = (word(&mut rest)?, word(&mut rest)?);
        let destination = endpoint(word(&mut rest)?, word(&mut rest)?)?;
        let state = word(&mut rest)?.to_owned();
        let (origin, expires) = match word(&mut rest)? {
            "LOCAL" => (Some(Origin::Local), word(&mut rest)?),
            "SYNC" => (Some(Origin::Sync), word(&mut rest)?),
            expires => (None, expires),
        };
        let expires = Duration::from_secs(expires.parse().ok()?);
        let engine = word(&mut rest).map(|name| EngineData {
            name: name.to_owned(),
            data: rest.trim().to_owned(),
        });
        let service = match protocol_name {
            "IP" => ConnectionService::Fwmark(mark(virtual_address)?),
            _ => ConnectionService::Endpoint(endpoint(virtual_address, port)?),
        };
        Some(Self {
            protocol: protocol(protocol_name)?,
            client,
            service,
            destination,
            state,
            expires,
            engine,
            origin,
        })
    }
}

/// In the template of a firewall-mark service, the mark takes the place of the address.
fn mark(text: &str) -> Option<NonZeroU32> {
    let mark = match address(text)? {
        IpAddr::V4(v4) => u32::from(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.octets();
            u32::from_be_bytes([a, b, c, d])
        }
    };
    NonZeroU32::new(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Connection {
        Connection::parse(line).expect(line)
    }

    #[test]
    fn a_connection_and_its_template_are_told_apart() {
        let connection = parse("TCP C0A80102 C5C6 C0A80164 0050 0A010002 1F90 ESTABLISHED     897");
        assert_eq!(connection.protocol, Protocol::Tcp);
        assert_eq!(connection.client, "192.168.1.2:50630".parse().unwrap());
        assert_eq!(connection.service.to_string(), "192.168.1.100:80");
        assert_eq!(connection.destination, "10.1.0.2:8080".parse().unwrap());
        assert_eq!(connection.expires, Duration::from_secs(897));
        assert_eq!(
            (connection.engine.as_ref(), connection.origin),
            (None, None)
        );
        assert!(!connection.is_template());

        let template = parse("TCP C0A80100 0000 C0A80164 01BB 0A010002 1F90 ASSURED         357");
        assert_eq!(template.client, "192.168.1.0".parse().unwrap());
        assert!(template.is_template());
    }

    #[test]
    fn where_a_connection_comes_from_stands_before_its_time() {
        for (word, origin) in [("LOCAL", Origin::Local), ("SYNC ", Origin::Sync)] {
            let line = format!(
                "TCP C0A80102 C5C6 C0A80164 0050 0A010002 1F90 ESTABLISHED {word}      897"
            );
            let connection = parse(&line);
            assert_eq!(connection.origin, Some(origin));
            assert_eq!(origin.to_string(), word.trim().to_lowercase());
            assert_eq!(connection.state, "ESTABLISHED");
            assert_eq!(connection.expires, Duration::from_secs(897));
        }
    }

    #[test]
    fn neither_a_state_nor_a_missing_port_alone_makes_a_template() {
        for line in [
            "TCP C0A80102 C5C6 C0A80164 0050 0A010002 1F90 NONE 2",
            "TCP C0A80102 0000 C0A80164 0050 0A010002 1F90 ESTABLISHED 897",
        ] {
            assert!(!parse(line).is_template(), "{line}");
        }
    }

    #[test]
    fn an_engines_note_may_hold_blanks() {
        let line = "UDP C0A80102 0000 C0A80164 13C4 0A010002 13C4 ASSURED          57 sip a b@c";
        let engine = parse(line).engine.unwrap();
        assert_eq!(
            (engine.name.as_str(), engine.data.as_str()),
            ("sip", "a b@c")
        );
    }

    #[test]
    fn ipv6_has_no_brackets_and_may_be_mixed_with_ipv4() {
        let line = "TCP fd01:0000:0000:0000:0000:0000:0000:0002 9FD0 \
                    fd01:0000:0000:0000:0000:0000:0000:0100 0050 0A010002 1F96 ESTABLISHED     897";
        let connection = parse(line);
        assert_eq!(connection.client.to_string(), "[fd01::2]:40912");
        assert_eq!(connection.destination.to_string(), "10.1.0.2:8086");
    }

    #[test]
    fn the_template_of_a_fwmark_service_has_its_mark() {
        let line = "IP  C0A80100 0000 0000004D 0000 0A010002 0000 NONE            357";
        let template = parse(line);
        assert_eq!(
            template.service,
            ConnectionService::Fwmark(NonZeroU32::new(0x4d).unwrap())
        );
        assert!(template.is_template());
    }

    #[test]
    fn what_is_not_a_line_of_the_kernels_is_nothing() {
        for line in [
            "",
            "TCP",
            "TCP C0A801 0000 C0A80164 01BB 0A010002 1F90 ASSURED 357",
            "TCP é",
        ] {
            assert_eq!(Connection::parse(line), None, "{line}");
        }
    }
}
