use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};

use ::serde::{Deserialize, Serialize};

use crate::{
    Endpoint, Family, Invalid, Persistence, PersistenceEngine, Protocol, Scheduler, SchedulerFlags,
    Service, ServiceId,
};

/// A service in JSON: flat, every field present, `null` for what it has not.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceFields {
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
            scheduler_flags: flags_to_names(service.scheduler_flags, &service.scheduler),
            scheduler: service.scheduler,
            persistence: service.persistence,
            persistence_engine: service.persistence_engine,
            one_packet: service.one_packet,
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

pub(crate) fn flags_to_names(flags: SchedulerFlags, scheduler: &Scheduler) -> Vec<String> {
    flags
        .names(scheduler)
        .into_iter()
        .map(str::to_owned)
        .collect()
}
