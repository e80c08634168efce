use crate::{Client, Destination, Error, Service, ServiceId};

/// What it took to make something so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Ensured {
    /// It was not there.
    Created,
    /// It was there with another configuration.
    Changed,
    /// It was so already; nothing was sent.
    Unchanged,
}

impl Client {
    /// Makes a service exist with this configuration, whatever is there.
    ///
    /// # Errors
    /// As [`add_service`](Self::add_service) and [`update_service`](Self::update_service), but for
    /// those that say that it is there, or is not.
    ///
    /// # Examples
    /// ```no_run
    /// use ipvs::{Client, Endpoint, Ensured, Service};
    ///
    /// let mut ipvs = Client::open()?;
    /// let web = Service::tcp("192.0.2.10:80".parse::<Endpoint>()?);
    /// ipvs.ensure_service(&web)?;
    /// assert_eq!(ipvs.ensure_service(&web)?, Ensured::Unchanged);
    /// # Ok::<(), ipvs::Error>(())
    /// ```
    pub fn ensure_service(&mut self, service: &Service) -> Result<Ensured, Error> {
        match self.service(service.id) {
            Ok(present) if present.service == *service => Ok(Ensured::Unchanged),
            Ok(_) => self.update_service(service).map(|()| Ensured::Changed),
            Err(Error::ServiceNotFound(_)) => self.add_service(service).map(|()| Ensured::Created),
            Err(error) => Err(error),
        }
    }

    /// Makes a destination exist with this configuration, whatever is there.
    ///
    /// # Errors
    /// [`Error::ServiceNotFound`]; else as [`add_destination`](Self::add_destination) and
    /// [`update_destination`](Self::update_destination), but for those that say that it is there, or
    /// is not.
    pub fn ensure_destination(
        &mut self,
        service: ServiceId,
        destination: &Destination,
    ) -> Result<Ensured, Error> {
        match self.destination(service, destination.id) {
            Ok(present) if present.destination == *destination => Ok(Ensured::Unchanged),
            Ok(_) => self
                .update_destination(service, destination)
                .map(|()| Ensured::Changed),
            Err(Error::DestinationNotFound { .. }) => self
                .add_destination(service, destination)
                .map(|()| Ensured::Created),
            Err(error) => Err(error),
        }
    }
}
