use std::borrow::Cow;
use std::collections::HashSet;

use ipvs_sys::constants::IPVS_CMD_ATTR_SERVICE;
use ipvs_sys::{CmdAttr, Command, IpvsMessage};
use netlink_packet_core::DecodeError;

use crate::netlink::Write;
use crate::netlink::convert::{self, service};
use crate::netlink::errno::Request;
use crate::{Client, Error, Invalid, Service, ServiceId, ServiceStatus, model::validate};

impl Client {
    /// Adds a service.
    ///
    /// The service accepts traffic at once and refuses it until
    /// [`add_destination`](Self::add_destination) gives it a destination.
    ///
    /// Same as `ipvsadm -A`.
    ///
    /// # Errors
    /// - [`Error::ServiceExists`]: a service with the same [`ServiceId`] exists.
    /// - [`Error::SchedulerNotFound`]: the kernel has no module for the scheduler.
    /// - [`Error::Invalid`]: the kernel would accept it, but it would not work. Nothing was sent. For
    ///   [`Invalid::Ineffective`], [`set_ineffective_services`](Self::set_ineffective_services) can change
    ///   that.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `IPVS_CMD_NEW_SERVICE`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_NEW_SERVICE")]
    pub fn add_service(&mut self, service: &Service) -> Result<(), Error> {
        self.check_service(service)?;
        self.write(&Write::AddService(Cow::Borrowed(service)))
    }

    /// Replaces the whole configuration of a service. Its destinations and connections are unchanged.
    ///
    /// Same as `ipvsadm -E`. To change only some fields, use [`edit_service`](Self::edit_service).
    ///
    /// # Errors
    /// Those of [`add_service`](Self::add_service), and [`Error::ServiceNotFound`] instead of
    /// [`Error::ServiceExists`]. An error leaves the service unchanged.
    ///
    /// # Kernel
    /// `IPVS_CMD_SET_SERVICE`, since 2.6.28. If the scheduler changes, the kernel waits some milliseconds
    /// for all its CPUs.
    #[doc(alias = "IPVS_CMD_SET_SERVICE")]
    pub fn update_service(&mut self, service: &Service) -> Result<(), Error> {
        self.check_service(service)?;
        self.write(&Write::UpdateService(Cow::Borrowed(service)))
    }

    /// Changes some fields of a service and keeps the rest. Returns the new configuration.
    ///
    /// If nothing changes, nothing is sent. Fields that were invalid before may stay so. The kernel has no
    /// atomic edit: a change that another program makes between the read and the write is lost.
    ///
    /// # Errors
    /// Those of [`update_service`](Self::update_service), and [`Invalid::IdentityChanged`].
    ///
    /// # Examples
    /// ```no_run
    /// # let mut ipvs = ipvs::Client::open()?;
    /// # let web = ipvs::ServiceId::tcp("192.0.2.10:80".parse::<ipvs::Endpoint>()?);
    /// use std::time::Duration;
    /// ipvs.edit_service(web, |service| service.persistence = Some(Duration::from_secs(5).into()))?;
    /// # Ok::<(), ipvs::Error>(())
    /// ```
    pub fn edit_service(
        &mut self,
        id: ServiceId,
        edit: impl FnOnce(&mut Service),
    ) -> Result<Service, Error> {
        let before = self.service(id)?.service;
        let mut after = before.clone();
        edit(&mut after);
        if after.id != id {
            let (from, to) = (id.to_string(), after.id.to_string());
            return Err(Invalid::IdentityChanged { from, to }.into());
        }
        if after != before {
            validate::edit(&before, &after, |service| self.check_service(service))?;
            self.write(&Write::UpdateService(Cow::Borrowed(&after)))?;
        }
        Ok(after)
    }

    /// Deletes a service and its destinations. The kernel keeps their connections until they expire.
    ///
    /// Same as `ipvsadm -D`.
    ///
    /// # Errors
    /// [`Error::ServiceNotFound`].
    ///
    /// # Kernel
    /// `IPVS_CMD_DEL_SERVICE`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_DEL_SERVICE")]
    pub fn delete_service(&mut self, id: ServiceId) -> Result<(), Error> {
        self.write(&Write::DeleteService(id))
    }

    /// Zeroes the counters of a service and its destinations.
    ///
    /// Same as `ipvsadm -Z` with a service.
    ///
    /// # Errors
    /// [`Error::ServiceNotFound`].
    ///
    /// # Kernel
    /// `IPVS_CMD_ZERO`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_ZERO")]
    pub fn zero_service(&mut self, id: ServiceId) -> Result<(), Error> {
        self.write(&Write::ZeroService(id))
    }

    /// Reads one service.
    ///
    /// # Errors
    /// [`Error::ServiceNotFound`].
    ///
    /// # Kernel
    /// `IPVS_CMD_GET_SERVICE`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_GET_SERVICE")]
    pub fn service(&mut self, id: ServiceId) -> Result<ServiceStatus, Error> {
        let message = IpvsMessage::new(Command::GetService, naming(id));
        let mut found = None;
        let answered = self.kernel.get_bytes(message, |answer| {
            found = Some(read(answer)?);
            Ok(())
        });
        answered.map_err(|error| Request::Service(id).refused(error))?;
        found.ok_or(Error::Kernel(ipvs_sys::Error::NoAnswer))
    }

    /// Reads one service. Returns `None` if it does not exist.
    ///
    /// # Kernel
    /// `IPVS_CMD_GET_SERVICE`, since 2.6.28.
    pub fn find_service(&mut self, id: ServiceId) -> Result<Option<ServiceStatus>, Error> {
        found(self.service(id))
    }

    /// Reads all services in the kernel's order. An empty table gives an empty list.
    ///
    /// The result is not a snapshot. The kernel sends the table in pieces of about a hundred services and
    /// resumes by counting. If services are added or deleted meanwhile (up to Linux 7.0, in any network
    /// namespace), it may skip or repeat some. This method drops repeated services.
    /// [`table`](Self::table) reads everything twice to detect changes.
    ///
    /// # Kernel
    /// `IPVS_CMD_GET_SERVICE`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_GET_SERVICE")]
    pub fn services(&mut self) -> Result<Vec<ServiceStatus>, Error> {
        let (mut services, mut seen) = (Vec::new(), HashSet::new());
        self.for_each_service(|status| {
            if seen.insert(status.service.id) {
                services.push(status);
            }
        })?;
        Ok(services)
    }

    /// Reads all services, like [`services`](Self::services), and passes each to `each` as it arrives,
    /// including repeated ones. Nothing is stored.
    ///
    /// # Errors
    /// An answer is missing or malformed. Some services were passed to `each` by then.
    ///
    /// # Kernel
    /// `IPVS_CMD_GET_SERVICE`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_GET_SERVICE")]
    pub fn for_each_service(&mut self, mut each: impl FnMut(ServiceStatus)) -> Result<(), Error> {
        self.dump(Command::GetService, vec![], |answer| {
            each(read(answer)?);
            Ok(())
        })
    }
}

/// Converts "not found" into `None`.
pub(super) fn found<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Err(error) if error.is_not_found() => Ok(None),
        outcome => outcome.map(Some),
    }
}

/// The attributes of a request that only identifies a service.
pub(super) fn naming(id: ServiceId) -> Vec<CmdAttr> {
    let mut attributes = Vec::new();
    service::put_identity(id, &mut attributes);
    vec![CmdAttr::Service(attributes)]
}

fn read(answer: &[u8]) -> Result<ServiceStatus, DecodeError> {
    service::Attributes::read(inside(answer)?)?.status()
}

pub(super) fn inside(answer: &[u8]) -> Result<&[u8], DecodeError> {
    convert::nest(answer, IPVS_CMD_ATTR_SERVICE, "IPVS_CMD_ATTR_SERVICE")
}
