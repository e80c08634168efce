use ipvs::{
    Client, DestinationId, DestinationStatus, Error, ServiceId, ServiceStatus, VirtualServerStatus,
};

use crate::ending::Outcome;
use crate::typed::RealServer;

/// Which services and destinations are listed. The default is all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Selection {
    pub(super) service: Option<ServiceId>,
    pub(super) real_server: Option<RealServer>,
}

impl Selection {
    /// Whether a service is listed. An address without a port selects all services of its protocol there.
    pub(super) fn has_service(self, id: ServiceId) -> bool {
        match (self.service, id) {
            (None, _) => true,
            (
                Some(ServiceId::Address { protocol, endpoint }),
                ServiceId::Address {
                    protocol: listed,
                    endpoint: at,
                },
            ) if endpoint.port.is_none() => protocol == listed && endpoint.address == at.address,
            (Some(service), id) => service == id,
        }
    }

    pub(super) fn has_destination(self, id: DestinationId) -> bool {
        self.real_server.is_none_or(|server| server.is(id))
    }

    /// Reads what is selected, service by service. Returns whether there was anything.
    pub(super) fn read(
        self,
        ipvs: &mut Client,
        mut each: impl FnMut(&ServiceStatus, &[DestinationStatus]),
    ) -> Result<Found, Error> {
        let mut found = Found::Nothing;
        let mut see = |service: &ServiceStatus, destinations: &[DestinationStatus]| {
            if !self.has_service(service.service.id) {
                return;
            }
            let Some(server) = self.real_server else {
                found = Found::Something;
                return each(service, destinations);
            };
            let destinations = server.among(destinations);
            if !destinations.is_empty() {
                found = Found::Something;
                each(service, &destinations);
            }
        };
        match self.service {
            // One service is read alone. Its address without a port stands for all services there.
            Some(id) if !has_every_port(id) => {
                let server = VirtualServerStatus::new(ipvs.service(id)?, ipvs.destinations(id)?);
                see(&server.service, &server.destinations);
            }
            _ => ipvs.for_each_virtual_server(see)?,
        }
        Ok(found)
    }

    /// Refuses a selection of nothing. A list of everything may be empty.
    pub(super) fn check(self, found: Found) -> Outcome {
        if found == Found::Something {
            return Ok(());
        }
        match (self.real_server, self.service) {
            (None, None) => Ok(()),
            (None, Some(service)) => Err(Error::ServiceNotFound(service).into()),
            (Some(server), None) => Err(server.is_nowhere()),
            (Some(server), Some(service)) => {
                Err(format!("service {service} has no real server {server}").into())
            }
        }
    }
}

/// Whether anything was listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Something,
    Nothing,
}

/// Whether the service was named by an address without a port.
fn has_every_port(id: ServiceId) -> bool {
    matches!(id, ServiceId::Address { endpoint, .. } if endpoint.port.is_none())
}
