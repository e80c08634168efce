use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};

use ::serde::de::Error;
use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    Destination, Endpoint, Family, Invalid, Persistence, PersistenceEngine, Protocol, Scheduler,
    SchedulerFlags, Service, ServiceId, VirtualServer,
};

/// A service in JSON: flat, with every field present, and `null` for a missing value.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceFields {
    protocol: Option<Protocol>,
    address: Option<IpAddr>,
    port: Option<NonZeroU16>,
    fwmark: Option<NonZeroU32>,
    family: Family,
    scheduler: Scheduler,
    #[serde(default)]
    scheduler_flags: Vec<String>,
    persistence: Option<Persistence>,
    persistence_engine: Option<PersistenceEngine>,
    #[serde(default)]
    one_packet: bool,
    /// Present only if the service comes with its destinations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    destinations: Option<Vec<Destination>>,
}

impl From<Service> for ServiceFields {
    fn from(service: Service) -> Self {
        let (protocol, endpoint, fwmark) = match service.id {
            ServiceId::Address { protocol, endpoint } => (Some(protocol), Some(endpoint), None),
            ServiceId::Fwmark { mark, .. } => (None, None, Some(mark)),
        };
        Self {
            protocol,
            address: endpoint.map(|endpoint| endpoint.address),
            port: endpoint.and_then(|endpoint| endpoint.port),
            fwmark,
            family: service.id.family(),
            scheduler_flags: service.scheduler_flags.owned_names(&service.scheduler),
            scheduler: service.scheduler,
            persistence: service.persistence,
            persistence_engine: service.persistence_engine,
            one_packet: service.one_packet,
            destinations: None,
        }
    }
}

impl TryFrom<ServiceFields> for Service {
    type Error = Invalid;

    fn try_from(fields: ServiceFields) -> Result<Self, Invalid> {
        let id = match (fields.protocol, fields.address, fields.fwmark) {
            (Some(protocol), Some(address), None) => ServiceId::Address {
                protocol,
                endpoint: Endpoint {
                    address,
                    port: fields.port,
                },
            },
            (None, None, Some(mark)) => ServiceId::Fwmark {
                mark,
                family: fields.family,
            },
            _ => return Err(Invalid::ServiceName),
        };
        if id.family() != fields.family {
            return Err(Invalid::FamilyNotUsed);
        }
        if fields.fwmark.is_some() && fields.port.is_some() {
            return Err(Invalid::ServiceName);
        }
        Ok(Self {
            id,
            scheduler_flags: SchedulerFlags::from_names(
                &fields.scheduler_flags,
                &fields.scheduler,
            )?,
            scheduler: fields.scheduler,
            persistence: fields.persistence,
            persistence_engine: fields.persistence_engine,
            one_packet: fields.one_packet,
        })
    }
}

impl Serialize for Service {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ServiceFields::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Service {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = ServiceFields::deserialize(deserializer)?;
        if fields.destinations.is_some() {
            return Err(D::Error::custom(
                "a service without its destinations is read here",
            ));
        }
        Self::try_from(fields).map_err(D::Error::custom)
    }
}

impl Serialize for VirtualServer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = ServiceFields::from(self.service.clone());
        fields.destinations = Some(self.destinations.clone());
        fields.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for VirtualServer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = ServiceFields::deserialize(deserializer)?;
        let destinations = fields.destinations.take().unwrap_or_default();
        let service = Service::try_from(fields).map_err(D::Error::custom)?;
        Ok(Self::new(service, destinations))
    }
}
