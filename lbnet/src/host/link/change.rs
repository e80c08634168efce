//! Adds and deletes devices, switches them on and off, and sets their MTU.

use super::message;
use crate::{DeviceName, Error, Host, HostError, LinkState, NewLink};
use rtnetlink::{
    packet_core::{NLM_F_CREATE, NLM_F_EXCL},
    packet_route::{
        RouteNetlinkMessage,
        link::{LinkAttribute, LinkFlags, LinkMessage},
    },
};
use std::io;

impl Host {
    /// Adds a virtual device, switches it on, and marks it as added by this crate: its group
    /// (`IFLA_GROUP`) is 176.
    ///
    /// The kernel loads the module for this kind of device. With the first tunnel of a kind, the
    /// module also adds a device of its own, such as `tunl0`, to every namespace. That device is
    /// down, and it stays.
    ///
    /// Same as `ip link add DEVICE up type …`, with `master VRF` if the device belongs to one.
    ///
    /// # Errors
    /// - [`HostError::NoSuchDevice`]: the VRF does not exist.
    /// - [`HostError::LinkExists`]: there is a device of this name, or another tunnel between the
    ///   same addresses.
    /// - [`HostError::MissingModule`]: the kernel does not support this kind of device.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_NEWLINK`.
    #[doc(alias = "RTM_NEWLINK")]
    pub async fn add_link(&self, link: &NewLink) -> Result<(), Error> {
        let master = match &link.vrf {
            Some(vrf) => Some(self.link(vrf).await?.index),
            None => None,
        };
        let request = RouteNetlinkMessage::NewLink(message::new(link, master));
        match self
            .netlink()
            .change(request, NLM_F_CREATE | NLM_F_EXCL)
            .await
        {
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::Host(HostError::LinkExists {
                    link: Box::new(link.clone()),
                }))
            }
            Err(source) if source.raw_os_error() == Some(nix::libc::EOPNOTSUPP) => {
                Err(Error::Host(HostError::MissingModule {
                    module: link.module(),
                    what: format!("adding the device {link}"),
                }))
            }
            other => {
                other.map_err(|source| Error::refused(format!("adding the device {link}"), source))
            }
        }
    }

    /// Deletes a virtual device with its addresses and routes.
    ///
    /// Same as `ip link delete DEVICE`.
    ///
    /// # Errors
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`Error::Kernel`]: the device is not virtual, or cannot be deleted, such as `tunl0`.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_DELLINK`.
    #[doc(alias = "RTM_DELLINK")]
    pub async fn delete_link(&self, device: &DeviceName) -> Result<(), Error> {
        let link = self.link(device).await?;
        let mut message = LinkMessage::default();
        message.header.index = link.index;
        let request = RouteNetlinkMessage::DelLink(message);
        let deleted = self.netlink().change(request, 0).await;
        deleted.map_err(|source| Error::refused(format!("deleting the device {device}"), source))
    }

    /// Switches a device on or off.
    ///
    /// Same as `ip link set DEVICE up`, or `down`.
    ///
    /// # Errors
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_SETLINK`.
    #[doc(alias = "RTM_SETLINK")]
    pub async fn set_link_state(&self, device: &DeviceName, state: LinkState) -> Result<(), Error> {
        let link = self.link(device).await?;
        let mut message = LinkMessage::default();
        message.header.index = link.index;
        message.header.change_mask = LinkFlags::Up;
        if state == LinkState::Up {
            message.header.flags = LinkFlags::Up;
        }
        let request = RouteNetlinkMessage::SetLink(message);
        let switched = self.netlink().change(request, 0).await;
        switched.map_err(|source| Error::refused(format!("switching {device} {state}"), source))
    }

    /// Sets the MTU of a device: the largest packet that it sends, in bytes.
    ///
    /// Every host in its network has to accept packets of this size. An MTU below 1280 bytes takes
    /// IPv6 off the device.
    ///
    /// Same as `ip link set DEVICE mtu BYTES`.
    ///
    /// # Errors
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`Error::Kernel`]: the device cannot have such an MTU.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_SETLINK` with `IFLA_MTU`.
    #[doc(alias = "IFLA_MTU")]
    pub async fn set_link_mtu(&self, device: &DeviceName, bytes: u32) -> Result<(), Error> {
        let link = self.link(device).await?;
        let mut message = LinkMessage::default();
        message.header.index = link.index;
        message.attributes.push(LinkAttribute::Mtu(bytes));
        let request = RouteNetlinkMessage::SetLink(message);
        let set = self.netlink().change(request, 0).await;
        let action = || format!("setting the MTU of {device} to {bytes}");
        set.map_err(|source| Error::refused(action(), source))
    }
}
