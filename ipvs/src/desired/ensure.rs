use crate::{Client, Destination, Error, Service, ServiceId};

/// What `ensure_…` had to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Ensured {
    /// The object did not exist and was added.
    Created,
    /// The object existed with another configuration and was updated.
    Changed,
    /// The object already had this configuration. Nothing was sent.
    Unchanged,
}

impl Client {
    /// Adds or updates a service so that it has this configuration.
    ///
    /// # Errors
    /// Those of [`add_service`](Self::add_service) and [`update_service`](Self::update_service), except those
    /// that say that the service exists or does not exist.
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

    /// Adds or updates a destination so that it has this configuration.
    ///
    /// # Errors
    /// [`Error::ServiceNotFound`], and those of [`add_destination`](Self::add_destination) and
    /// [`update_destination`](Self::update_destination), except those that say that the destination exists
    /// or does not exist.
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
