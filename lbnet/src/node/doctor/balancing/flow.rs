//! The connections that IPVS has in its table, as far as the doctor looks at them.

use std::net::IpAddr;

use ipvs::{Client, Connection, ConnectionService, Endpoint, Protocol};

/// The doctor looks at no more entries than this, so that a large table does not make it slow. The
/// kernel lists them in the order of a hash.
const ENOUGH: usize = 16_384;

/// A connection, without templates of persistence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::node::doctor) struct Flow {
    pub(in crate::node::doctor) protocol: Protocol,
    pub(in crate::node::doctor) client: IpAddr,
    pub(in crate::node::doctor) service: ConnectionService,
    pub(in crate::node::doctor) server: Endpoint,
    pub(in crate::node::doctor) progress: Progress,
}

/// How far a connection got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::node::doctor) enum Progress {
    /// A client asked, and nothing more was seen.
    Asked,
    /// The two talked to each other.
    Answered,
    /// The state does not tell, as with UDP.
    Unknown,
}

impl Flow {
    pub(super) fn read(ipvs: &Client) -> Result<Vec<Self>, ipvs::Error> {
        let flows = ipvs.connections()?.filter_map(|read| match read {
            Ok(connection) if connection.is_template() => None,
            Ok(connection) => Some(Ok(Self::of(&connection))),
            Err(error) => Some(Err(error)),
        });
        flows.take(ENOUGH).collect()
    }

    fn of(connection: &Connection) -> Self {
        Self {
            protocol: connection.protocol,
            client: connection.client.address,
            service: connection.service,
            server: connection.destination,
            progress: Progress::of(connection.protocol, &connection.state),
        }
    }
}

impl Progress {
    fn of(protocol: Protocol, state: &str) -> Self {
        match (protocol, state) {
            (Protocol::Tcp, "SYN_RECV" | "SYNACK") => Self::Asked,
            (
                Protocol::Tcp,
                "ESTABLISHED" | "FIN_WAIT" | "TIME_WAIT" | "CLOSE_WAIT" | "LAST_ACK",
            ) => Self::Answered,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_answered_once_it_was_established() {
        let progress = |line: &str| Flow::of(&Connection::parse(line).unwrap()).progress;
        let tcp = |state| {
            progress(&format!(
                "TCP C0A80102 C5C6 C0A80164 0050 0A010003 1F90 {state} 9"
            ))
        };
        assert_eq!(tcp("SYN_RECV"), Progress::Asked);
        assert_eq!(tcp("ESTABLISHED"), Progress::Answered);
        assert_eq!(tcp("FIN_WAIT"), Progress::Answered);
        assert_eq!(tcp("CLOSE"), Progress::Unknown);
        let udp = "UDP C0A80102 C5C6 C0A80164 0050 0A010003 1F90 UDP 9";
        assert_eq!(progress(udp), Progress::Unknown);
    }
}
