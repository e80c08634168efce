use std::collections::HashSet;

use ipvs_sys::Command;
use ipvs_sys::constants::IPVS_CMD_ATTR_DEST;
use netlink_packet_core::DecodeError;

use super::services::{found, naming};
use crate::netlink::Write;
use crate::netlink::convert::{self, destination};
use crate::{
    Client, Destination, DestinationId, DestinationStatus, Error, Family, Invalid, ServiceId,
    model::validate,
};

impl Client {
    /// Adds a destination to a service.
    ///
    /// A destination that was deleted within the last minutes may come back with its connections: the
    /// kernel keeps it while connections refer to it.
    ///
    /// Same as `ipvsadm -a`.
    ///
    /// # Errors
    /// - [`Error::DestinationExists`]: the service already has this destination.
    /// - [`Error::ServiceNotFound`]: the service does not exist.
    /// - [`Error::DestinationRefused`]: the address is neither unicast nor local, or `lo` was never
    ///   up in this network namespace.
    /// - [`Error::Invalid`]: the kernel would accept it, but it would not work. Nothing was sent.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `IPVS_CMD_NEW_DEST`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_NEW_DEST")]
    pub fn add_destination(
        &mut self,
        service: ServiceId,
        destination: &Destination,
    ) -> Result<(), Error> {
        validate::destination(service, destination)?;
        self.write(&Write::AddDestination(service, *destination))
    }

    /// Replaces the whole configuration of a destination. Its connections are unchanged.
    ///
    /// Same as `ipvsadm -e`. To change only some fields, use
    /// [`edit_destination`](Self::edit_destination).
    ///
    /// # Errors
    /// Those of [`add_destination`](Self::add_destination), and [`Error::DestinationNotFound`] instead of
    /// [`Error::DestinationExists`].
    ///
    /// # Kernel
    /// `IPVS_CMD_SET_DEST`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_SET_DEST")]
    pub fn update_destination(
        &mut self,
        service: ServiceId,
        destination: &Destination,
    ) -> Result<(), Error> {
        validate::destination(service, destination)?;
        self.write(&Write::UpdateDestination(service, *destination))
    }

    /// Changes some fields of a destination and keeps the rest, including its tunnel. Returns the new
    /// configuration.
    ///
    /// If nothing changes, nothing is sent, because a write makes some schedulers rebuild their tables.
    /// Fields that were invalid before may stay so. The kernel has no atomic edit: a change that another
    /// program makes between the read and the write is lost.
    ///
    /// # Errors
    /// Those of [`update_destination`](Self::update_destination), and [`Invalid::IdentityChanged`].
    ///
    /// # Examples
    /// ```no_run
    /// # use ipvs::{Client, Endpoint, ServiceId};
    /// # let mut ipvs = Client::open()?;
    /// # let web = ServiceId::tcp("192.0.2.10:80".parse::<Endpoint>()?);
    /// let server: Endpoint = "198.51.100.7:80".parse()?;
    /// ipvs.edit_destination(web, server, |destination| destination.weight = 0)?;
    /// # Ok::<(), ipvs::Error>(())
    /// ```
    pub fn edit_destination(
        &mut self,
        service: ServiceId,
        id: DestinationId,
        edit: impl FnOnce(&mut Destination),
    ) -> Result<Destination, Error> {
        let before = self.destination(service, id)?.destination;
        let mut after = before;
        edit(&mut after);
        if after.id != id {
            let (from, to) = (id.to_string(), after.id.to_string());
            return Err(Invalid::IdentityChanged { from, to }.into());
        }
        if after != before {
            let check = |destination: &_| validate::destination(service, destination);
            validate::edit(&before, &after, check)?;
            self.write(&Write::UpdateDestination(service, after))?;
        }
        Ok(after)
    }

    /// Deletes a destination. The kernel drops packets of its connections from then on. To let them end
    /// first, use [`drain_destination`](Self::drain_destination).
    ///
    /// Same as `ipvsadm -d`.
    ///
    /// # Errors
    /// [`Error::DestinationNotFound`] or [`Error::ServiceNotFound`].
    ///
    /// # Kernel
    /// `IPVS_CMD_DEL_DEST`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_DEL_DEST")]
    pub fn delete_destination(
        &mut self,
        service: ServiceId,
        id: DestinationId,
    ) -> Result<(), Error> {
        self.write(&Write::DeleteDestination(service, id))
    }

    /// Reads one destination. The kernel has no such request, so the client reads all destinations of the
    /// service.
    ///
    /// # Errors
    /// [`Error::DestinationNotFound`] or [`Error::ServiceNotFound`].
    pub fn destination(
        &mut self,
        service: ServiceId,
        id: DestinationId,
    ) -> Result<DestinationStatus, Error> {
        self.destinations(service)?
            .into_iter()
            .find(|status| status.destination.id == id)
            .ok_or(Error::DestinationNotFound {
                service,
                destination: id,
            })
    }

    /// Reads one destination. Returns `None` if it or its service does not exist.
    pub fn find_destination(
        &mut self,
        service: ServiceId,
        id: DestinationId,
    ) -> Result<Option<DestinationStatus>, Error> {
        found(self.destination(service, id))
    }

    /// Reads the destinations of a service in the kernel's order, newest first.
    ///
    /// Like [`services`](Self::services), the result is not a snapshot.
    ///
    /// # Errors
    /// [`Error::ServiceNotFound`]. For a missing service the kernel returns an empty list, so the client
    /// looks the service up whenever the list is empty.
    ///
    /// # Kernel
    /// `IPVS_CMD_GET_DEST`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_GET_DEST")]
    pub fn destinations(&mut self, service: ServiceId) -> Result<Vec<DestinationStatus>, Error> {
        let destinations = self.destinations_if_any(service)?;
        if destinations.is_empty() {
            self.service(service)?;
        }
        Ok(destinations)
    }

    /// Reads the destinations of a service. Returns none if the service does not exist.
    pub(super) fn destinations_if_any(
        &mut self,
        service: ServiceId,
    ) -> Result<Vec<DestinationStatus>, Error> {
        let (mut destinations, mut seen) = (Vec::new(), HashSet::new());
        self.for_each_destination(service, |status| {
            if seen.insert(status.destination.id) {
                destinations.push(status);
            }
        })?;
        Ok(destinations)
    }

    /// Reads the destinations of a service and passes each to `each` as it arrives, including repeated
    /// ones. Nothing is stored. A missing service has no destinations.
    ///
    /// # Errors
    /// An answer is missing or malformed. Some destinations were passed to `each` by then.
    ///
    /// # Kernel
    /// `IPVS_CMD_GET_DEST`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_GET_DEST")]
    pub fn for_each_destination(
        &mut self,
        service: ServiceId,
        mut each: impl FnMut(DestinationStatus),
    ) -> Result<(), Error> {
        self.dump(Command::GetDest, naming(service), |answer| {
            each(read(answer, service.family())?);
            Ok(())
        })
    }
}

fn read(answer: &[u8], service: Family) -> Result<DestinationStatus, DecodeError> {
    destination::Attributes::read(inside(answer)?)?.status(service)
}

pub(super) fn inside(answer: &[u8]) -> Result<&[u8], DecodeError> {
    convert::nest(answer, IPVS_CMD_ATTR_DEST, "IPVS_CMD_ATTR_DEST")
}
