use ipvs_sys::{Command, Nest};

use crate::convert::{destination, service};
use crate::errno::Request;
use crate::{Destination, DestinationId, Error, Service, ServiceId, validate};

/// Writes that are sent together: [`Client::commit`](crate::Client::commit).
///
/// The kernel carries them out in order, and there is no transaction: one that is refused does not
/// stop those behind it in the same send, and others see them one by one. What makes a batch worth it
/// is speed: a write of its own is two calls of the kernel, a batch of hundreds is two as well.
///
/// # Examples
/// ```no_run
/// use ipvs::{Batch, Client, Destination, Endpoint, OnError, Service};
///
/// let web = Service::tcp("192.0.2.10:80".parse::<Endpoint>()?);
/// let mut batch = Batch::new();
/// batch.add_service(&web)?;
/// for server in 1..=250 {
///     let server = Endpoint::new([10, 0, 0, server].into(), 80);
///     batch.add_destination(web.id, &Destination::new(server))?;
/// }
/// let report = Client::open()?.commit(&mut batch, OnError::GoOn);
/// println!("{} of {} done", report.done(), batch.len());
/// for (index, error) in report.refused() {
///     println!("write {index}: {error}");
/// }
/// # Ok::<(), ipvs::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub(crate) requests: ipvs_sys::Batch,
    /// What each request is about, to say what a refusal means.
    pub(crate) writes: Vec<Write>,
}

/// What one request of a batch does.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    AddService(Box<Service>),
    UpdateService(Box<Service>),
    DeleteService(ServiceId),
    ZeroService(ServiceId),
    AddDestination(ServiceId, Destination),
    UpdateDestination(ServiceId, Destination),
    DeleteDestination(ServiceId, DestinationId),
}

impl Batch {
    /// Without writes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service: [`Client::add_service`](crate::Client::add_service).
    ///
    /// # Errors
    /// [`Error::Invalid`], and then the batch is as it was; so with every write.
    pub fn add_service(&mut self, service: &Service) -> Result<(), Error> {
        validate::service(service)?;
        self.push(Write::AddService(Box::new(service.clone())))
    }

    /// Replaces the configuration of a service:
    /// [`Client::update_service`](crate::Client::update_service).
    pub fn update_service(&mut self, service: &Service) -> Result<(), Error> {
        validate::service(service)?;
        self.push(Write::UpdateService(Box::new(service.clone())))
    }

    /// Deletes a service and its destinations:
    /// [`Client::delete_service`](crate::Client::delete_service).
    pub fn delete_service(&mut self, id: ServiceId) {
        self.push_short(Write::DeleteService(id));
    }

    /// Zeroes the counters of a service: [`Client::zero_service`](crate::Client::zero_service).
    pub fn zero_service(&mut self, id: ServiceId) {
        self.push_short(Write::ZeroService(id));
    }

    /// Adds a destination: [`Client::add_destination`](crate::Client::add_destination).
    pub fn add_destination(
        &mut self,
        service: ServiceId,
        destination: &Destination,
    ) -> Result<(), Error> {
        validate::destination(service, destination)?;
        self.push(Write::AddDestination(service, *destination))
    }

    /// Replaces the configuration of a destination:
    /// [`Client::update_destination`](crate::Client::update_destination).
    pub fn update_destination(
        &mut self,
        service: ServiceId,
        destination: &Destination,
    ) -> Result<(), Error> {
        validate::destination(service, destination)?;
        self.push(Write::UpdateDestination(service, *destination))
    }

    /// Deletes a destination: [`Client::delete_destination`](crate::Client::delete_destination).
    pub fn delete_destination(&mut self, service: ServiceId, id: DestinationId) {
        self.push_short(Write::DeleteDestination(service, id));
    }

    /// How many writes there are.
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Forgets all writes, and keeps the memory for new ones.
    pub fn clear(&mut self) {
        self.requests.clear();
        self.writes.clear();
    }

    /// Without looking whether it makes sense: undoing gives back whatever was there.
    pub(crate) fn push(&mut self, write: Write) -> Result<(), Error> {
        write.encode(&mut self.requests)?;
        self.writes.push(write);
        Ok(())
    }

    /// One that only names things: addresses and numbers are never longer than an attribute can be.
    fn push_short(&mut self, write: Write) {
        let pushed = self.push(write);
        debug_assert!(pushed.is_ok(), "{pushed:?}");
    }
}

impl Write {
    fn encode(&self, requests: &mut ipvs_sys::Batch) -> Result<(), ipvs_sys::Error> {
        let mut push_service = |command, service: &Service| {
            let attributes = service::to_attributes(service);
            requests.push(command, &[Nest::Service(&attributes)])
        };
        match self {
            Self::AddService(service) => push_service(Command::NewService, service),
            Self::UpdateService(service) => push_service(Command::SetService, service),
            Self::DeleteService(id) => requests.push(
                Command::DelService,
                &[Nest::Service(&service::identity(*id))],
            ),
            Self::ZeroService(id) => {
                requests.push(Command::Zero, &[Nest::Service(&service::identity(*id))])
            }
            Self::AddDestination(id, destination) => requests.push(
                Command::NewDest,
                &[
                    Nest::Service(&service::identity(*id)),
                    Nest::Dest(&destination::to_attributes(destination)),
                ],
            ),
            Self::UpdateDestination(id, destination) => requests.push(
                Command::SetDest,
                &[
                    Nest::Service(&service::identity(*id)),
                    Nest::Dest(&destination::to_attributes(destination)),
                ],
            ),
            Self::DeleteDestination(id, destination) => requests.push(
                Command::DelDest,
                &[
                    Nest::Service(&service::identity(*id)),
                    Nest::Dest(&destination::identity(*destination)),
                ],
            ),
        }
    }

    /// The meaning of an error as the answer to it.
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
