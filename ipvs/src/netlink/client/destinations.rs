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
    /// One that was deleted within the last minutes may come back with its connections: the kernel
    /// keeps it aside for as long as they refer to it.
    ///
    /// Same as `ipvsadm -a`.
    ///
    /// # Errors
    /// - [`Error::DestinationExists`], [`Error::ServiceNotFound`].
    /// - [`Error::DestinationRefused`]: the address is neither unicast nor local, or `lo` was never
    ///   up in this network namespace.
    /// - [`Error::Invalid`]: the kernel would take it and it would not work; nothing was sent.
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

    /// Replaces the whole configuration of a destination; its connections stay as they are.
    ///
    /// Same as `ipvsadm -e`. To change some of it and keep the rest, use
    /// [`edit_destination`](Self::edit_destination).
    ///
    /// # Errors
    /// As [`add_destination`](Self::add_destination), and [`Error::DestinationNotFound`].
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

    /// Changes some of the configuration of a destination and keeps the rest, its tunnel included;
    /// returns the whole.
    ///
    /// Nothing is sent where nothing changed: a write makes some schedulers rebuild their tables.
    /// What somebody else set up so that it would be refused here may stay so. The kernel cannot do
    /// this in one step: what somebody else writes between the reading and the writing is lost.
    ///
    /// # Errors
    /// As [`update_destination`](Self::update_destination), and [`Invalid::IdentityChanged`].
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

    /// Deletes a destination. Packets of its connections are dropped from then on; to let them
    /// end first, give it weight 0 and wait.
    ///
    /// Same as `ipvsadm -d`.
    ///
    /// # Errors
    /// [`Error::DestinationNotFound`], [`Error::ServiceNotFound`].
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

    /// Reads one destination. The kernel has no such request: all of the service's are read.
    ///
    /// # Errors
    /// [`Error::DestinationNotFound`], [`Error::ServiceNotFound`].
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

    /// Reads one destination, if its service and it are there.
    pub fn find_destination(
        &mut self,
        service: ServiceId,
        id: DestinationId,
    ) -> Result<Option<DestinationStatus>, Error> {
        found(self.destination(service, id))
    }

    /// Reads the destinations of a service, in the kernel's order: the newest first.
    ///
    /// This is not a snapshot, as with [`services`](Self::services).
    ///
    /// # Errors
    /// [`Error::ServiceNotFound`]. The kernel answers with an empty list then; to tell, an empty
    /// list is followed by the question whether the service exists.
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

    /// The destinations of a service; none also where there is no such service.
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

    /// Reads the destinations of a service, and hands over each as it comes, also what is repeated:
    /// nothing is kept. A service that is not there has none.
    ///
    /// # Errors
    /// Where an answer does not come, or cannot be read; some were handed over then.
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
