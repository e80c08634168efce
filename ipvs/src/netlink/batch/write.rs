use std::borrow::Cow;

use ipvs_sys::constants::{IPVS_CMD_ATTR_DEST, IPVS_CMD_ATTR_SERVICE};
use ipvs_sys::{Command, RequestWriter};
use netlink_packet_core::DecodeError;

use crate::netlink::convert::{self, destination, service};
use crate::netlink::errno::Request;
use crate::{Destination, DestinationId, Error, Service, ServiceId};

/// One write of a batch, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Write<'a> {
    AddService(Cow<'a, Service>),
    UpdateService(Cow<'a, Service>),
    DeleteService(ServiceId),
    ZeroService(ServiceId),
    AddDestination(ServiceId, Destination),
    UpdateDestination(ServiceId, Destination),
    DeleteDestination(ServiceId, DestinationId),
}

impl Write<'_> {
    pub(super) fn encode(&self, requests: &mut ipvs_sys::Batch) -> Result<(), ipvs_sys::Error> {
        match self {
            Self::AddService(it) => put_service(requests, Command::NewService, it),
            Self::UpdateService(it) => put_service(requests, Command::SetService, it),
            Self::DeleteService(id) => put_name(requests, Command::DelService, *id),
            Self::ZeroService(id) => put_name(requests, Command::Zero, *id),
            Self::AddDestination(id, it) => put_destination(requests, Command::NewDest, *id, it),
            Self::UpdateDestination(id, it) => put_destination(requests, Command::SetDest, *id, it),
            Self::DeleteDestination(service, id) => {
                requests.push_with(Command::DelDest, |request| {
                    name(request, *service);
                    request.dest(|nest| destination::put_identity(*id, nest));
                })
            }
        }
    }

    pub(super) fn read(command: Command, attributes: &[u8]) -> Result<Self, DecodeError> {
        let service = || convert::nest(attributes, IPVS_CMD_ATTR_SERVICE, "IPVS_CMD_ATTR_SERVICE");
        let destination = || convert::nest(attributes, IPVS_CMD_ATTR_DEST, "IPVS_CMD_ATTR_DEST");
        let named = || service::Attributes::read(service()?)?.id();
        let configured_service = || {
            let service = service::Attributes::read(service()?)?;
            service.configuration().map(Cow::Owned)
        };
        let configured = |id: ServiceId| {
            destination::Attributes::read(destination()?)?.configuration(id.family())
        };
        Ok(match command {
            Command::NewService => Self::AddService(configured_service()?),
            Command::SetService => Self::UpdateService(configured_service()?),
            Command::DelService => Self::DeleteService(named()?),
            Command::Zero => Self::ZeroService(named()?),
            Command::NewDest => {
                let id = named()?;
                Self::AddDestination(id, configured(id)?)
            }
            Command::SetDest => {
                let id = named()?;
                Self::UpdateDestination(id, configured(id)?)
            }
            Command::DelDest => {
                let id = named()?;
                let destination = destination::Attributes::read(destination()?)?.id(id.family())?;
                Self::DeleteDestination(id, destination)
            }
            other => return Err(format!("{other:?} is not for batches").into()),
        })
    }

    /// Interprets an error as the answer to this write.
    pub(crate) fn refused(&self, error: ipvs_sys::Error) -> Error {
        let request = match self {
            Self::AddService(service) | Self::UpdateService(service) => {
                Request::WriteService(service)
            }
            Self::DeleteService(id) | Self::ZeroService(id) => Request::Service(*id),
            Self::AddDestination(service, destination)
            | Self::UpdateDestination(service, destination) => {
                Request::WriteDestination(*service, destination)
            }
            Self::DeleteDestination(service, id) => Request::Destination(*service, *id),
        };
        request.refused(error)
    }
}

type Put = Result<(), ipvs_sys::Error>;

fn put_service(requests: &mut ipvs_sys::Batch, command: Command, service: &Service) -> Put {
    requests.push_with(command, |request| {
        request.service(|nest| service::put(service, nest));
    })
}

fn put_name(requests: &mut ipvs_sys::Batch, command: Command, service: ServiceId) -> Put {
    requests.push_with(command, |request| name(request, service))
}

fn put_destination(
    requests: &mut ipvs_sys::Batch,
    command: Command,
    service: ServiceId,
    destination: &Destination,
) -> Put {
    requests.push_with(command, |request| {
        name(request, service);
        request.dest(|nest| destination::put(destination, nest));
    })
}

fn name(request: &mut RequestWriter<'_>, service: ServiceId) {
    request.service(|nest| service::put_identity(service, nest));
}
