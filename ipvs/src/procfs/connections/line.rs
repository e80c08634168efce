//! Parses one line of `/proc/net/ip_vs_conn` or `/proc/net/ip_vs_conn_sync`.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use super::connection::{Connection, ConnectionService, EngineData, Origin};
use crate::procfs::text::{address, endpoint, protocol, word};

impl Connection {
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
    use crate::Protocol;

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
