//! Reads the network devices.

mod change;
mod message;
use crate::{
    DeviceName, Error, Host, HostError, Link, NoCarrier, host::followed::Table, model::device,
};
use rtnetlink::{
    packet_core::DefaultNla,
    packet_route::{
        RouteNetlinkMessage,
        link::{LinkAttribute, LinkMessage},
    },
};
use std::{collections::HashMap, io};

/// The attribute for an alternative name, from `linux/if_link.h`.
const IFLA_ALT_IFNAME: u16 = 53;

impl Host {
    /// Finds a device by its name, or by one of its alternative names.
    ///
    /// Same as `ip link show DEVICE`.
    ///
    /// # Errors
    /// - [`HostError::NoSuchDevice`]: the namespace has no such device.
    pub async fn link(&self, device: &DeviceName) -> Result<Link, Error> {
        if let Some(link) = self.followed.link(|link| link.is_named(device)) {
            return Ok(link);
        }
        let mut request = LinkMessage::default();
        // The kernel also accepts alternative names in IFLA_IFNAME, up to the length of a name.
        request.attributes.push(if device.is_short() {
            LinkAttribute::IfName(device.to_string())
        } else {
            let name = device.as_str().bytes().chain([0]).collect();
            LinkAttribute::Other(DefaultNla::new(IFLA_ALT_IFNAME, name))
        });
        match self
            .netlink()
            .get(RouteNetlinkMessage::GetLink(request))
            .await
        {
            Ok(Some(RouteNetlinkMessage::NewLink(message))) => match message::parse(message) {
                Some(link) => Ok(link),
                None => Err(self.no_such_device(device).await?),
            },
            Ok(_) => Err(self.no_such_device(device).await?),
            // ENODEV has no `ErrorKind` of its own.
            Err(source) if source.raw_os_error() == Some(nix::libc::ENODEV) => {
                Err(self.no_such_device(device).await?)
            }
            Err(source) => Err(reading_links(source)),
        }
    }

    /// Returns the name that the kernel has for a device, which may be given by an alternative name. A
    /// device that does not exist keeps the name that it was given.
    pub(crate) async fn current_name(&self, device: &DeviceName) -> Result<DeviceName, Error> {
        match self.link(device).await {
            Ok(link) => Ok(link.name),
            Err(Error::Host(HostError::NoSuchDevice { .. })) => Ok(device.clone()),
            Err(error) => Err(error),
        }
    }

    /// Returns all devices of the namespace.
    ///
    /// Same as `ip link show`.
    pub async fn links(&self) -> Result<Vec<Link>, Error> {
        let since = match self.followed.links() {
            Table::Now(links) => return Ok(links),
            Table::Unread(since) => since,
        };
        let request = RouteNetlinkMessage::GetLink(LinkMessage::default());
        let messages = self.netlink().dump(request).await.map_err(reading_links)?;
        let links = messages.into_iter().filter_map(|message| match message {
            RouteNetlinkMessage::NewLink(link) => message::parse(link),
            _ => None,
        });
        let links: Vec<_> = links.collect();
        self.followed
            .keep(since, |known| known.keep_links(links.clone()));
        Ok(links)
    }

    /// Returns why a device has no carrier, or `None` if it has one.
    ///
    /// # Errors
    /// - [`HostError::NoSuchDevice`]: the namespace has no such device.
    pub async fn missing_carrier(&self, device: &DeviceName) -> Result<Option<NoCarrier>, Error> {
        let link = self.link(device).await?;
        Ok(NoCarrier::of(&link, &self.links().await?))
    }

    /// Returns the error about a device that is not there, with names that are like its name.
    async fn no_such_device(&self, device: &DeviceName) -> Result<Error, Error> {
        Ok(no_such_device(device, &self.links().await?))
    }

    /// Returns the names of all devices by the kernel's device number.
    pub(crate) async fn device_names(&self) -> Result<HashMap<u32, DeviceName>, Error> {
        let links = self.links().await?;
        Ok(links
            .into_iter()
            .map(|link| (link.index, link.name))
            .collect())
    }
}

pub(in crate::host) fn no_such_device(device: &DeviceName, links: &[Link]) -> Error {
    let names = links
        .iter()
        .flat_map(|link| [&link.name].into_iter().chain(&link.alternative_names));
    Error::Host(HostError::NoSuchDevice {
        device: device.clone(),
        alike: device::alike(device, names),
    })
}

fn reading_links(source: io::Error) -> Error {
    Error::Kernel {
        action: "reading the network devices".to_owned(),
        source,
    }
}
