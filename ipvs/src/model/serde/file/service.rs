use std::collections::HashSet;
use std::fmt;
use std::num::NonZeroU32;

use ::serde::de::value::MapAccessDeserializer;
use ::serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use ::serde::ser::Error as _;
use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::destination::Destination;
use crate::model::serde::checked;
use crate::{
    Endpoint, Family, Invalid, Persistence, PersistenceEngine, Protocol, Scheduler, SchedulerFlags,
    ServiceId, VirtualServer,
};

/// A service with its destinations, as under `[[service]]`. Reading validates it.
///
/// # Examples
/// ```
/// use ipvs::file;
///
/// let text = r#"
///     tcp = "192.0.2.10:80"
///     destination = [{ address = "198.51.100.7:80" }]
/// "#;
/// let file::Service(server) = toml::from_str(text)?;
/// assert_eq!(server.destinations.len(), 1);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service(pub VirtualServer);

/// Deserializes a service without a check for duplicates.
impl<'de> Deserialize<'de> for Service {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked::<Keys, _, _>(deserializer)
    }
}

/// Deserializes services, and refuses a duplicate.
pub(super) fn each_once<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Service>, D::Error> {
    struct Services;

    impl<'de> Visitor<'de> for Services {
        type Value = Vec<Service>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("services")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Service>, A::Error> {
            let (mut services, mut seen) = (Vec::new(), HashSet::new());
            while let Some(service) = seq.next_element_seed(Another(&mut seen))? {
                services.push(service);
            }
            Ok(services)
        }
    }
    deserializer.deserialize_seq(Services)
}

/// Deserializes a service and refuses a duplicate while the parser is still at it, so that the error has
/// its line.
struct Another<'a>(&'a mut HashSet<ServiceId>);

impl<'de> DeserializeSeed<'de> for Another<'_> {
    type Value = Service;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Service, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Another<'_> {
    type Value = Service;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a service")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Service, A::Error> {
        let keys = Keys::deserialize(MapAccessDeserializer::new(map))?;
        let service = Service::try_from(keys).map_err(A::Error::custom)?;
        let id = service.0.service.id;
        if self.0.insert(id) {
            Ok(service)
        } else {
            Err(A::Error::custom(Invalid::DuplicateService(id)))
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Keys {
    #[serde(skip_serializing_if = "Option::is_none")]
    tcp: Option<Endpoint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    udp: Option<Endpoint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sctp: Option<Endpoint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fwmark: Option<NonZeroU32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<Family>,
    #[serde(default)]
    scheduler: Scheduler,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scheduler_flags: Vec<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    one_packet: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    persistence_engine: Option<PersistenceEngine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    persistence: Option<Persistence>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    destination: Vec<Destination>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Serialize for Service {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Keys::try_from(self.0.clone())
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

impl TryFrom<VirtualServer> for Keys {
    type Error = Invalid;

    fn try_from(server: VirtualServer) -> Result<Self, Invalid> {
        let service = server.service;
        let mut keys = Self {
            tcp: None,
            udp: None,
            sctp: None,
            fwmark: None,
            family: None,
            scheduler_flags: service.scheduler_flags.owned_names(&service.scheduler),
            scheduler: service.scheduler,
            one_packet: service.one_packet,
            persistence_engine: service.persistence_engine,
            persistence: service.persistence,
            destination: server.destinations.into_iter().map(Destination).collect(),
        };
        match service.id {
            ServiceId::Address { protocol, endpoint } => {
                *match protocol {
                    Protocol::Tcp => &mut keys.tcp,
                    Protocol::Udp => &mut keys.udp,
                    Protocol::Sctp => &mut keys.sctp,
                    Protocol::Other(_) => return Err(Invalid::ProtocolNotBalanced(protocol)),
                } = Some(endpoint);
            }
            ServiceId::Fwmark { mark, family } => {
                keys.fwmark = Some(mark);
                keys.family = Some(family);
            }
        }
        Ok(keys)
    }
}

impl TryFrom<Keys> for Service {
    type Error = Invalid;

    fn try_from(keys: Keys) -> Result<Self, Invalid> {
        let id = match (keys.tcp, keys.udp, keys.sctp, keys.fwmark) {
            (Some(endpoint), None, None, None) => ServiceId::tcp(endpoint),
            (None, Some(endpoint), None, None) => ServiceId::udp(endpoint),
            (None, None, Some(endpoint), None) => ServiceId::sctp(endpoint),
            (None, None, None, Some(mark)) => {
                ServiceId::fwmark(mark, keys.family.unwrap_or(Family::Ipv4))
            }
            _ => return Err(Invalid::ServiceName),
        };
        if keys.family.is_some() && matches!(id, ServiceId::Address { .. }) {
            return Err(Invalid::FamilyNotUsed);
        }
        let service = crate::Service {
            id,
            scheduler_flags: SchedulerFlags::from_names(&keys.scheduler_flags, &keys.scheduler)?,
            scheduler: keys.scheduler,
            persistence: keys.persistence,
            persistence_engine: keys.persistence_engine,
            one_packet: keys.one_packet,
        };
        let destinations = keys.destination.into_iter();
        let server = VirtualServer::new(service, destinations.map(|Destination(one)| one));
        server.validate()?;
        Ok(Self(server))
    }
}
