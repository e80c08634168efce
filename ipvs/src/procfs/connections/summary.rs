use std::collections::BTreeMap;
use std::collections::btree_map::Iter;

use crate::{Connection, ConnectionService, Endpoint, Protocol};

/// Counts connections by service and destination.
///
/// # Examples
/// ```no_run
/// let connections = ipvs::Client::open()?.connections()?;
/// let summary = connections.collect::<Result<ipvs::ConnectionSummary, _>>()?;
/// for (group, counts) in &summary {
///     println!("{} -> {}: {}", group.service, group.destination, counts.connections);
/// }
/// # Ok::<(), ipvs::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionSummary(BTreeMap<ConnectionGroup, ConnectionCounts>);

/// A group of connections that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ConnectionGroup {
    /// The protocol.
    pub protocol: Protocol,
    /// The service that the clients connected to.
    pub service: ConnectionService,
    /// The destination that the kernel chose.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::json::endpoint::as_fields")
    )]
    pub destination: Endpoint,
}

/// The counts of a [`ConnectionGroup`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ConnectionCounts {
    /// Number of connections, without persistence templates.
    pub connections: u64,
    /// Number of persistence templates, which is the number of persistent clients.
    pub templates: u64,
    /// Number of connections by state, as the kernel names it.
    pub states: BTreeMap<String, u64>,
}

impl ConnectionSummary {
    /// Returns each group with its counts, sorted.
    pub fn iter(&self) -> Iter<'_, ConnectionGroup, ConnectionCounts> {
        self.0.iter()
    }

    /// Counts a connection.
    pub fn add(&mut self, connection: Connection) {
        let is_template = connection.is_template();
        let counts = self
            .0
            .entry(ConnectionGroup {
                protocol: connection.protocol,
                service: connection.service,
                destination: connection.destination,
            })
            .or_default();
        if is_template {
            counts.templates += 1;
        } else {
            counts.connections += 1;
            *counts.states.entry(connection.state).or_default() += 1;
        }
    }
}

impl<'a> IntoIterator for &'a ConnectionSummary {
    type Item = (&'a ConnectionGroup, &'a ConnectionCounts);
    type IntoIter = Iter<'a, ConnectionGroup, ConnectionCounts>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Serializes as a list of groups with their counts.
#[cfg(feature = "serde")]
impl serde::Serialize for ConnectionSummary {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Group<'a> {
            #[serde(flatten)]
            group: &'a ConnectionGroup,
            #[serde(flatten)]
            counts: &'a ConnectionCounts,
        }

        serializer.collect_seq(self.iter().map(|(group, counts)| Group { group, counts }))
    }
}

impl FromIterator<Connection> for ConnectionSummary {
    fn from_iter<I: IntoIterator<Item = Connection>>(connections: I) -> Self {
        let mut summary = Self::default();
        summary.extend(connections);
        summary
    }
}

impl Extend<Connection> for ConnectionSummary {
    fn extend<I: IntoIterator<Item = Connection>>(&mut self, connections: I) {
        connections
            .into_iter()
            .for_each(|connection| self.add(connection));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_by_where_they_go_and_templates_apart() {
        let lines = [
            "TCP C0A80102 C5C6 C0A80164 0050 0A010003 1F90 ESTABLISHED     897",
            "TCP C0A80103 C5C6 C0A80164 0050 0A010002 1F90 ESTABLISHED     897",
            "TCP C0A80102 C5C7 C0A80164 0050 0A010002 1F90 FIN_WAIT        117",
            "TCP C0A80102 C5C8 C0A80164 0050 0A010002 1F90 ESTABLISHED     897",
            "TCP C0A80100 0000 C0A80164 0050 0A010002 1F90 ASSURED         357",
        ];
        let summary: ConnectionSummary = lines.into_iter().filter_map(Connection::parse).collect();
        let groups: Vec<_> = summary
            .iter()
            .map(|(group, counts)| {
                let states = counts
                    .states
                    .iter()
                    .map(|(state, count)| format!("{state} {count}"));
                let states = states.collect::<Vec<_>>().join(", ");
                format!(
                    "{} {} -> {}: {} + {} ({states})",
                    group.protocol,
                    group.service,
                    group.destination,
                    counts.connections,
                    counts.templates
                )
            })
            .collect();
        assert_eq!(
            groups,
            [
                "TCP 192.168.1.100:80 -> 10.1.0.2:8080: 3 + 1 (ESTABLISHED 2, FIN_WAIT 1)",
                "TCP 192.168.1.100:80 -> 10.1.0.3:8080: 1 + 0 (ESTABLISHED 1)",
            ]
        );
    }

    #[test]
    fn connections_sort_by_client_then_service() {
        let line = |client: &str| format!("TCP {client} 0001 C0A80164 0050 0A010002 1F90 NONE 1");
        let mut connections = ["C0A80103", "0A000001", "C0A80102"]
            .map(|client| Connection::parse(&line(client)).unwrap());
        connections.sort();
        let clients = connections.map(|connection| connection.client.address.to_string());
        assert_eq!(clients, ["10.0.0.1", "192.168.1.2", "192.168.1.3"]);
    }
}
