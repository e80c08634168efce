//! Reads the network devices.

mod change;
mod message;
use crate::{DeviceName, Error, Host, HostError, Link};
use rtnetlink::packet_route::{RouteNetlinkMessage, link::LinkAttribute, link::LinkMessage};
use std::{collections::HashMap, io};

impl Host {
    /// Finds a device by its name.
    ///
    /// Same as `ip link show DEVICE`.
    ///
    /// # Errors
    /// - [`HostError::NoSuchDevice`]: the namespace has no such device.
    pub async fn link(&self, device: &DeviceName) -> Result<Link, Error> {
        let mut request = LinkMessage::default();
        request
            .attributes
            .push(LinkAttribute::IfName(device.to_string()));
        let missing = || {
            Error::Host(HostError::NoSuchDevice {
                device: device.clone(),
            })
        };
        match self
            .netlink()
            .get(RouteNetlinkMessage::GetLink(request))
            .await
        {
            Ok(Some(RouteNetlinkMessage::NewLink(message))) => {
                message::parse(message).ok_or_else(missing)
            }
            Ok(_) => Err(missing()),
            // ENODEV has no `ErrorKind` of its own.
            Err(source) if source.raw_os_error() == Some(nix::libc::ENODEV) => Err(missing()),
            Err(source) => Err(reading_links(source)),
        }
    }

    /// Returns all devices of the namespace.
    ///
    /// Same as `ip link show`.
    pub async fn links(&self) -> Result<Vec<Link>, Error> {
        let request = RouteNetlinkMessage::GetLink(LinkMessage::default());
        let messages = self.netlink().dump(request).await.map_err(reading_links)?;
        let links = messages.into_iter().filter_map(|message| match message {
            RouteNetlinkMessage::NewLink(link) => message::parse(link),
            _ => None,
        });
        Ok(links.collect())
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

fn reading_links(source: io::Error) -> Error {
    Error::Kernel {
        action: "reading the network devices".to_owned(),
        source,
    }
}
