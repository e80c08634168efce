mod report;
mod write;

use std::borrow::Cow;

pub use report::{CommitReport, OnError, WriteOutcome};
pub(crate) use write::Write;

use crate::model::validate;
use crate::{Destination, DestinationId, Error, Service, ServiceId};

/// A batch of writes, sent together by [`Client::commit`](crate::Client::commit).
///
/// The kernel carries out the writes in order. There is no transaction: a refused write does not stop
/// later ones in the same send, and others see the writes one by one. A batch is fast: a single write
/// costs two system calls, and so does a batch of hundreds.
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
}

impl Batch {
    /// Creates an empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an empty batch with memory for `writes` writes.
    pub fn with_capacity(writes: usize) -> Self {
        Self {
            requests: ipvs_sys::Batch::with_capacity(writes),
        }
    }

    /// Adds a service: [`Client::add_service`](crate::Client::add_service).
    ///
    /// # Errors
    /// [`Error::Invalid`]: the request is invalid. The batch is unchanged. This applies to every method.
    pub fn add_service(&mut self, service: &Service) -> Result<(), Error> {
        validate::service(service)?;
        validate::effective(service)?;
        self.push(&Write::AddService(Cow::Borrowed(service)))
    }

    /// Replaces the configuration of a service:
    /// [`Client::update_service`](crate::Client::update_service).
    pub fn update_service(&mut self, service: &Service) -> Result<(), Error> {
        validate::service(service)?;
        validate::effective(service)?;
        self.push(&Write::UpdateService(Cow::Borrowed(service)))
    }

    /// Deletes a service and its destinations:
    /// [`Client::delete_service`](crate::Client::delete_service).
    pub fn delete_service(&mut self, id: ServiceId) {
        self.push_short(&Write::DeleteService(id));
    }

    /// Zeroes the counters of a service: [`Client::zero_service`](crate::Client::zero_service).
    pub fn zero_service(&mut self, id: ServiceId) {
        self.push_short(&Write::ZeroService(id));
    }

    /// Adds a destination: [`Client::add_destination`](crate::Client::add_destination).
    pub fn add_destination(
        &mut self,
        service: ServiceId,
        destination: &Destination,
    ) -> Result<(), Error> {
        validate::destination(service, destination)?;
        self.push(&Write::AddDestination(service, *destination))
    }

    /// Replaces the configuration of a destination:
    /// [`Client::update_destination`](crate::Client::update_destination).
    pub fn update_destination(
        &mut self,
        service: ServiceId,
        destination: &Destination,
    ) -> Result<(), Error> {
        validate::destination(service, destination)?;
        self.push(&Write::UpdateDestination(service, *destination))
    }

    /// Deletes a destination: [`Client::delete_destination`](crate::Client::delete_destination).
    pub fn delete_destination(&mut self, service: ServiceId, id: DestinationId) {
        self.push_short(&Write::DeleteDestination(service, id));
    }

    /// Returns the number of writes.
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Returns whether the batch has no writes.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Removes all writes and keeps the memory.
    pub fn clear(&mut self) {
        self.requests.clear();
    }

    /// Skips validation: undoing restores whatever was there.
    pub(crate) fn push(&mut self, write: &Write<'_>) -> Result<(), Error> {
        Ok(write.encode(&mut self.requests)?)
    }

    /// Adds a write that contains only identities. Addresses and numbers never exceed the length of an
    /// attribute.
    fn push_short(&mut self, write: &Write<'_>) {
        let pushed = self.push(write);
        debug_assert!(pushed.is_ok(), "{pushed:?}");
    }

    /// Decodes a write of the batch, to interpret a refusal. This is rare, and a second copy of every
    /// write would take most of the memory of a batch.
    pub(crate) fn write(&self, index: usize) -> Option<Write<'static>> {
        let (command, attributes) = self.requests.request(index)?;
        Write::read(command, attributes).ok()
    }
}

#[cfg(test)]
mod tests {
    use ipvs_sys::Command;
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::*;
    use crate::{Encapsulation, Endpoint, Forwarding, Scheduler};

    fn endpoint(text: &str) -> Endpoint {
        text.parse().unwrap()
    }

    /// One write of each kind, for services of each kind.
    fn writes() -> Vec<Write<'static>> {
        let services = [
            ServiceId::tcp(endpoint("192.0.2.10:80")),
            ServiceId::udp(endpoint("[2001:db8::10]:53")),
            ServiceId::fwmark(NonZeroU32::MAX, crate::Family::Ipv6),
        ];
        let tunnel = Forwarding::Tunnel(Encapsulation::Gre {
            checksum: crate::GreChecksum::Full,
        });
        let far = Destination::new(endpoint("198.51.100.7:0")).weight(0);
        let far = far.forwarding(tunnel).upper_threshold(NonZeroU32::MIN);
        let kinds = services.into_iter().flat_map(|id| {
            let service = Service::new(id).scheduler(Scheduler::SOURCE_HASHING);
            let persistent = service.clone().persistent(Duration::from_secs(300));
            [
                Write::AddService(Cow::Owned(service)),
                Write::UpdateService(Cow::Owned(persistent)),
                Write::ZeroService(id),
                Write::AddDestination(id, far),
                Write::UpdateDestination(id, far.forwarding(Forwarding::Masquerade)),
                Write::DeleteDestination(id, far.id),
                Write::DeleteService(id),
            ]
        });
        kinds.collect()
    }

    #[test]
    fn every_write_is_read_back_as_it_was_written() {
        let mut batch = Batch::new();
        for write in writes() {
            batch.push(&write).unwrap();
        }
        let read: Vec<_> = (0..batch.len())
            .map_while(|index| batch.write(index))
            .collect();
        assert_eq!(read, writes());
        assert_eq!(batch.write(batch.len()), None);
        assert_eq!(batch.write(usize::MAX), None);
    }

    #[test]
    fn what_is_no_write_is_not_read_back() {
        let mut batch = Batch::new();
        batch.requests.push(Command::GetInfo, &[]).unwrap();
        batch.requests.push(Command::NewDest, &[]).unwrap();
        assert_eq!((batch.write(0), batch.write(1)), (None, None));
    }
}
