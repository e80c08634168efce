use crate::{Connection, ConnectionService, Endpoint, Family, Origin, Protocol, ServiceId};

/// Selects connections. A connection matches if it meets every condition that is set.
///
/// An [`Endpoint`] without a port matches every port.
///
/// # Examples
/// ```
/// use ipvs::{Connection, ConnectionFilter};
///
/// let line = "TCP C0A80102 C5C6 C0A80164 0050 0A010002 1F90 ESTABLISHED     897";
/// let connection = Connection::parse(line).expect("a line of the kernel's");
/// let of_server = ConnectionFilter::new().destination("10.1.0.2".parse()?);
/// assert!(of_server.matches(&connection));
/// assert!(!of_server.templates_only().matches(&connection));
/// # Ok::<(), ipvs::Invalid>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionFilter {
    protocol: Option<Protocol>,
    client: Option<Endpoint>,
    service: Option<ConnectionService>,
    destination: Option<Endpoint>,
    state: Option<String>,
    is_template: Option<bool>,
    family: Option<Family>,
    origin: Option<Origin>,
}

impl ConnectionFilter {
    /// Creates a filter that matches every connection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Matches connections of this protocol.
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Matches connections of this client. A persistence template has the client's address truncated to
    /// the netmask.
    #[must_use]
    pub fn client(mut self, client: Endpoint) -> Self {
        self.client = Some(client);
        self
    }

    /// Matches connections to this service. For a firewall mark it matches only persistence templates:
    /// the kernel does not report the mark of a connection.
    #[must_use]
    pub fn service(mut self, service: ServiceId) -> Self {
        self.service = Some(match service {
            ServiceId::Address { protocol, endpoint } => {
                self.protocol = Some(protocol);
                ConnectionService::Endpoint(endpoint)
            }
            ServiceId::Fwmark { mark, family } => {
                self.family = Some(family);
                ConnectionService::Fwmark(mark)
            }
        });
        self
    }

    /// Matches connections to this destination.
    #[must_use]
    pub fn destination(mut self, destination: Endpoint) -> Self {
        self.destination = Some(destination);
        self
    }

    /// Matches connections in this state, as the kernel names it: `ESTABLISHED`.
    #[must_use]
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Matches persistence templates only.
    #[must_use]
    pub fn templates_only(mut self) -> Self {
        self.is_template = Some(true);
        self
    }

    /// Matches connections only, without persistence templates.
    #[must_use]
    pub fn without_templates(mut self) -> Self {
        self.is_template = Some(false);
        self
    }

    /// Matches connections with this origin. A connection whose origin was not read does not match.
    #[must_use]
    pub fn origin(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Returns whether a connection meets every condition that is set.
    pub fn matches(&self, connection: &Connection) -> bool {
        let Connection {
            protocol,
            client,
            service,
            destination,
            state,
            origin,
            ..
        } = connection;
        is_unset_or(self.protocol, |wanted| wanted == *protocol)
            && is_unset_or(self.family, |wanted| wanted == client.family())
            && is_unset_or(self.client, |wanted| covers(wanted, *client))
            && is_unset_or(self.service, |wanted| serves(wanted, *service))
            && is_unset_or(self.destination, |wanted| covers(wanted, *destination))
            && is_unset_or(self.state.as_ref(), |wanted| wanted == state)
            && is_unset_or(self.is_template, |wanted| {
                wanted == connection.is_template()
            })
            && is_unset_or(self.origin, |wanted| Some(wanted) == *origin)
    }
}

fn is_unset_or<T>(wanted: Option<T>, agrees: impl FnOnce(T) -> bool) -> bool {
    wanted.is_none_or(agrees)
}

fn covers(wanted: Endpoint, found: Endpoint) -> bool {
    wanted.address == found.address && (wanted.port.is_none() || wanted.port == found.port)
}

fn serves(wanted: ConnectionService, found: ConnectionService) -> bool {
    match (wanted, found) {
        (ConnectionService::Endpoint(wanted), ConnectionService::Endpoint(found)) => {
            covers(wanted, found)
        }
        (wanted, found) => wanted == found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTION: &str =
        "TCP C0A80102 C5C6 C0A80164 0050 0A010002 1F90 ESTABLISHED SYNC       897";
    const TEMPLATE: &str =
        "IP  C0A80100 0000 0000004D 0000 0A010002 0000 NONE        LOCAL      357";

    fn endpoint(text: &str) -> Endpoint {
        text.parse().unwrap()
    }

    #[test]
    fn each_criterion_lets_its_own_through_and_no_others() {
        let any = ConnectionFilter::new;
        let mark = 0x4d.try_into().unwrap();
        let vip = ServiceId::tcp(endpoint("192.168.1.100:80"));
        // Each with whether it matches the connection, and whether it matches the template.
        let cases = [
            (any(), true, true),
            (any().protocol(Protocol::Tcp), true, false),
            (any().client(endpoint("192.168.1.2")), true, false),
            (any().client(endpoint("192.168.1.2:50630")), true, false),
            (any().client(endpoint("192.168.1.2:1")), false, false),
            (any().client(endpoint("192.168.1.0")), false, true),
            (any().service(vip), true, false),
            (
                any().service(ServiceId::udp(endpoint("192.168.1.100:80"))),
                false,
                false,
            ),
            (
                any().service(ServiceId::tcp(endpoint("192.168.1.100"))),
                true,
                false,
            ),
            (
                any().service(ServiceId::fwmark(mark, Family::Ipv4)),
                false,
                true,
            ),
            (
                any().service(ServiceId::fwmark(mark, Family::Ipv6)),
                false,
                false,
            ),
            (any().destination(endpoint("10.1.0.2")), true, true),
            (any().destination(endpoint("10.1.0.2:8080")), true, false),
            (any().destination(endpoint("10.1.0.3")), false, false),
            (any().state("ESTABLISHED"), true, false),
            (any().templates_only(), false, true),
            (any().without_templates(), true, false),
            (any().origin(Origin::Local), false, true),
            (any().origin(Origin::Sync), true, false),
            (any().origin(Origin::Sync).templates_only(), false, false),
        ];
        for (filter, connection, template) in cases {
            for (line, expected) in [(CONNECTION, connection), (TEMPLATE, template)] {
                let found = Connection::parse(line).unwrap();
                assert_eq!(filter.matches(&found), expected, "{filter:?}: {line}");
            }
        }
    }

    #[test]
    fn without_an_origin_none_is_the_right_one() {
        let line = "TCP C0A80102 C5C6 C0A80164 0050 0A010002 1F90 ESTABLISHED     897";
        let connection = Connection::parse(line).unwrap();
        let local = ConnectionFilter::new().origin(Origin::Local);
        assert!(!local.matches(&connection));
    }
}
