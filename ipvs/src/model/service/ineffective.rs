use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use crate::{Endpoint, PersistenceEngine, Protocol, Service, ServiceId};

/// Why a service that the kernel accepts does not do what its configuration says; see
/// [`Service::ineffective`].
///
/// The text completes a sentence that begins with the service: "service udp:224.0.0.1:53 is never served:
/// …". It ends with what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ineffective {
    /// The address is `0.0.0.0` or `::`. It is no wildcard: the kernel compares it with the destination
    /// address of each packet, and no packet has it.
    UnspecifiedAddress,
    /// The address is a multicast address. The kernel passes multicast packets from the network by IPVS.
    MulticastAddress,
    /// The address is `255.255.255.255`. The kernel passes broadcast packets from the network by IPVS.
    BroadcastAddress,
    /// The address is an IPv4 address in IPv6 form, such as `::ffff:192.0.2.10`. Clients that connect to it
    /// send IPv4 packets.
    Ipv4MappedAddress(Ipv4Addr),
    /// The service takes every port and is not persistent. The kernel schedules no connection for it.
    NoPort,
    /// The service is persistent with the engine `sip`, and its protocol is not UDP. The kernel drops its
    /// packets.
    EngineNeedsUdp(PersistenceEngine),
    /// The service has a persistence engine and is not persistent. Clients are served, and the kernel does
    /// not use the engine.
    EngineNeedsPersistence(PersistenceEngine),
}

impl Ineffective {
    /// Returns whether clients are served nevertheless, so that only a setting has no effect.
    pub fn is_served(&self) -> bool {
        matches!(self, Self::EngineNeedsPersistence(_))
    }
}

/// What a client does with a service that is [ineffective](Service::ineffective); see
/// [`Client::set_ineffective_services`](crate::Client::set_ineffective_services).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IneffectiveServices {
    /// Refuses to add it.
    #[default]
    Refuse,
    /// Adds it, so that the kernel has it as it was asked for.
    Accept,
}

impl Service {
    /// Returns why the service does not do what its configuration says, although the kernel accepts it.
    /// `None` for an ordinary service.
    ///
    /// A [`Client`](crate::Client) and a [`Batch`](crate::Batch) refuse to add such a service, unless the
    /// client is told [otherwise](crate::IneffectiveServices). Other programs may have added one.
    /// [`validate`](Self::validate) does not check for it.
    ///
    /// Clients on the director itself are an exception: the kernel does serve their packets to multicast
    /// and broadcast addresses.
    ///
    /// # Examples
    /// ```
    /// use ipvs::{Endpoint, Ineffective, Service};
    ///
    /// let web = Service::tcp("0.0.0.0:80".parse::<Endpoint>()?);
    /// assert_eq!(web.ineffective(), Some(Ineffective::UnspecifiedAddress));
    /// # Ok::<(), ipvs::ParseError>(())
    /// ```
    pub fn ineffective(&self) -> Option<Ineffective> {
        let of_address = match self.id {
            ServiceId::Address { endpoint, .. } => self.never_served_at(endpoint),
            ServiceId::Fwmark { .. } => None,
        };
        of_address.or_else(|| self.with_an_idle_engine())
    }

    fn never_served_at(&self, endpoint: Endpoint) -> Option<Ineffective> {
        let mapped = match endpoint.address {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => address.to_ipv4_mapped(),
        };
        Some(match endpoint.address {
            address if address.is_unspecified() => Ineffective::UnspecifiedAddress,
            address if address.is_multicast() => Ineffective::MulticastAddress,
            IpAddr::V4(Ipv4Addr::BROADCAST) => Ineffective::BroadcastAddress,
            _ if endpoint.port.is_none() && self.persistence.is_none() => Ineffective::NoPort,
            _ => Ineffective::Ipv4MappedAddress(mapped?),
        })
    }

    fn with_an_idle_engine(&self) -> Option<Ineffective> {
        let engine = self.persistence_engine.clone()?;
        let is_udp = match self.id {
            ServiceId::Address { protocol, .. } => protocol == Protocol::Udp,
            ServiceId::Fwmark { .. } => true,
        };
        if self.persistence.is_none() {
            Some(Ineffective::EngineNeedsPersistence(engine))
        } else if engine.name() == SIP && !is_udp {
            Some(Ineffective::EngineNeedsUdp(engine))
        } else {
            None
        }
    }
}

/// The engine that looks for a SIP Call-ID. It finds one in UDP packets only.
const SIP: &str = "sip";

impl fmt::Display for Ineffective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnspecifiedAddress => f.write_str(
                "is never served: no packet has this destination address; name the virtual IP, or use \
                 a firewall mark for many addresses",
            ),
            Self::MulticastAddress => f.write_str(
                "is never served: IPVS does not handle multicast packets from the network; name a \
                 unicast address",
            ),
            Self::BroadcastAddress => f.write_str(
                "is never served: IPVS does not handle broadcast packets from the network; name a \
                 unicast address",
            ),
            Self::Ipv4MappedAddress(address) => write!(
                f,
                "is never served: clients send IPv4 packets to this address; name {address}"
            ),
            Self::NoPort => f.write_str(
                "is never served: it has no port, and only a persistent service takes every port",
            ),
            Self::EngineNeedsUdp(engine) => write!(
                f,
                "is never served: persistence engine {engine} accepts only UDP; remove the engine"
            ),
            Self::EngineNeedsPersistence(engine) => write!(
                f,
                "does not use persistence engine {engine}: it is not persistent; add persistence, or \
                 remove the engine"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Family;

    fn reason(service: &Service) -> Option<Ineffective> {
        service.ineffective()
    }

    fn at(text: &str) -> Service {
        Service::udp(text.parse::<Endpoint>().unwrap())
    }

    #[test]
    fn an_address_that_no_packet_has_is_never_served() {
        for (address, expected) in [
            ("0.0.0.0:80", Ineffective::UnspecifiedAddress),
            ("0.0.0.0:0", Ineffective::UnspecifiedAddress),
            ("[::]:80", Ineffective::UnspecifiedAddress),
            ("224.0.0.1:80", Ineffective::MulticastAddress),
            ("239.255.255.255:80", Ineffective::MulticastAddress),
            ("[ff02::1]:80", Ineffective::MulticastAddress),
            ("255.255.255.255:80", Ineffective::BroadcastAddress),
            (
                "[::ffff:192.0.2.10]:80",
                Ineffective::Ipv4MappedAddress(Ipv4Addr::new(192, 0, 2, 10)),
            ),
            ("192.0.2.10:0", Ineffective::NoPort),
        ] {
            assert!(!expected.is_served());
            assert_eq!(reason(&at(address)), Some(expected), "{address}");
        }
    }

    #[test]
    fn addresses_that_are_served_are_not_called_ineffective() {
        for address in [
            "192.0.2.10:80",
            "127.0.0.1:80",
            "0.0.0.7:80",
            "240.0.0.7:80",
            "[2001:db8::10]:80",
            "[fe80::1]:80",
            "[::1]:80",
            "[::192.0.2.10]:80",
        ] {
            assert_eq!(reason(&at(address)), None, "{address}");
        }
        let mark = Service::fwmark(std::num::NonZeroU32::MIN, Family::Ipv4);
        assert_eq!(reason(&mark), None);
        let every_port = at("192.0.2.10:0").persistent(Duration::from_secs(60));
        assert_eq!(reason(&every_port), None);
    }

    #[test]
    fn an_engine_needs_persistence_and_sip_needs_udp() {
        let sip: PersistenceEngine = "sip".parse().unwrap();
        let address: Endpoint = "192.0.2.10:5060".parse().unwrap();
        for service in [Service::tcp(address), Service::udp(address)] {
            let service = service.persistence_engine(sip.clone());
            let idle = Ineffective::EngineNeedsPersistence(sip.clone());
            assert!(idle.is_served());
            assert_eq!(reason(&service), Some(idle));
        }
        let persistent = Duration::from_secs(60);
        for (service, expected) in [
            (Service::udp(address), None),
            (
                Service::tcp(address),
                Some(Ineffective::EngineNeedsUdp(sip.clone())),
            ),
            (
                Service::sctp(address),
                Some(Ineffective::EngineNeedsUdp(sip.clone())),
            ),
        ] {
            let service = service.persistent(persistent);
            assert_eq!(reason(&service), None);
            let other = service.clone().persistence_engine("x".parse().unwrap());
            assert_eq!(reason(&other), None);
            assert_eq!(reason(&service.persistence_engine(sip.clone())), expected);
        }
    }
}
