//! Devices that come, go, and are switched on and off.

use std::{fmt, io};

use rtnetlink::{
    packet_core::{NLM_F_CREATE, NLM_F_EXCL},
    packet_route::{
        RouteNetlinkMessage,
        link::{InfoKind, LinkAttribute, LinkFlags, LinkInfo, LinkMessage},
    },
};
use serde::{Deserialize, Serialize};

use super::LinkState;
use crate::{DeviceName, Error, Host, TunnelLink, model::mark};

/// A virtual device, as it is asked for.
///
/// # Examples
/// ```
/// use lbnet::{NewLink, TunnelKind, TunnelLink};
///
/// let receiving = TunnelLink::receiving(TunnelKind::Ipip, "10.10.10.12".parse()?);
/// let link = NewLink::tunnel("ipip-in".parse()?, receiving);
/// assert_eq!(link.to_string(), "ipip-in (ipip local 10.10.10.12)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewLink {
    /// Its name.
    pub name: DeviceName,
    /// What it is.
    pub kind: NewLinkKind,
}

/// What can be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NewLinkKind {
    /// A device that leads nowhere, to put addresses on.
    Dummy,
    /// A tunnel.
    Tunnel(TunnelLink),
}

impl NewLink {
    /// A device that leads nowhere.
    pub fn dummy(name: DeviceName) -> Self {
        Self {
            name,
            kind: NewLinkKind::Dummy,
        }
    }

    /// A tunnel.
    pub fn tunnel(name: DeviceName, tunnel: TunnelLink) -> Self {
        Self {
            name,
            kind: NewLinkKind::Tunnel(tunnel),
        }
    }

    fn message(&self) -> LinkMessage {
        let mut message = LinkMessage::default();
        message.header.flags = LinkFlags::Up;
        message.header.change_mask = LinkFlags::Up;
        let info = match self.kind {
            NewLinkKind::Dummy => vec![LinkInfo::Kind(InfoKind::Dummy)],
            NewLinkKind::Tunnel(tunnel) => {
                let (kind, data) = tunnel.to_info();
                vec![LinkInfo::Kind(kind), LinkInfo::Data(data)]
            }
        };
        message.attributes = vec![
            LinkAttribute::IfName(self.name.to_string()),
            LinkAttribute::Group(mark::PROTOCOL.into()),
            LinkAttribute::LinkInfo(info),
        ];
        message
    }

    fn module(&self) -> &'static str {
        match self.kind {
            NewLinkKind::Dummy => "dummy",
            NewLinkKind::Tunnel(tunnel) => tunnel.kind.module(),
        }
    }
}

impl Host {
    /// Adds a virtual device and switches it on, marked as added by this crate: its group
    /// (`IFLA_GROUP`) is 176.
    ///
    /// The kernel loads the module that has this kind of device. With the first tunnel of a kind
    /// comes the module's own device, such as `tunl0`, in every namespace, switched off; it stays.
    ///
    /// Same as `ip link add DEVICE up type …`.
    ///
    /// # Errors
    /// - [`Error::LinkExists`]: there is a device of this name, or another tunnel between the same
    ///   addresses.
    /// - [`Error::MissingModule`]: the kernel has no such kind of device.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_NEWLINK`.
    #[doc(alias = "RTM_NEWLINK")]
    pub async fn add_link(&self, link: &NewLink) -> Result<(), Error> {
        let request = RouteNetlinkMessage::NewLink(link.message());
        match self
            .netlink()
            .change(request, NLM_F_CREATE | NLM_F_EXCL)
            .await
        {
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::LinkExists { link: link.clone() })
            }
            Err(source) if source.raw_os_error() == Some(nix::libc::EOPNOTSUPP) => {
                Err(Error::MissingModule {
                    module: link.module(),
                    what: format!("adding the device {link}"),
                })
            }
            other => {
                other.map_err(|source| Error::refused(format!("adding the device {link}"), source))
            }
        }
    }

    /// Deletes a virtual device, and the addresses and routes that it has.
    ///
    /// Same as `ip link delete DEVICE`.
    ///
    /// # Errors
    /// - [`Error::NoSuchDevice`]: there is no such device.
    /// - [`Error::Kernel`]: it is no virtual device, or one that cannot be deleted, as `tunl0`.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
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
    /// - [`Error::NoSuchDevice`]: there is no such device.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
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
}

impl fmt::Display for NewLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            NewLinkKind::Dummy => write!(f, "{} (dummy)", self.name),
            NewLinkKind::Tunnel(tunnel) => write!(f, "{} ({tunnel})", self.name),
        }
    }
}
