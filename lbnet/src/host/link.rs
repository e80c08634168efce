//! Network devices.

mod change;

use std::{collections::HashMap, fmt, io};

use rtnetlink::packet_route::{
    RouteNetlinkMessage,
    link::{LinkAttribute, LinkFlags, LinkInfo, LinkLayerType, LinkMessage},
};
use serde::Serialize;

use crate::{DeviceName, Error, Host, TunnelLink, model::mark};
pub use change::{NewLink, NewLinkKind};

/// A network device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Link {
    /// The number that stands for it in the kernel; unique within its namespace.
    pub index: u32,
    /// Its name.
    pub name: DeviceName,
    /// Whether it was switched on, by whoever administers it. Says nothing about the cable.
    pub state: LinkState,
    /// Its Ethernet address, if it is an Ethernet device.
    pub mac: Option<MacAddress>,
    /// Whether its neighbours are found by ARP.
    pub resolution: Resolution,
    /// The largest packet that it takes, in bytes.
    pub mtu: u32,
    /// What it is, if it is a virtual device.
    pub kind: Option<LinkKind>,
    /// Its group (`IFLA_GROUP`); 176 is this crate's.
    pub group: u32,
}

/// What a virtual device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LinkKind {
    /// A device that leads nowhere.
    Dummy,
    /// A tunnel.
    Tunnel(TunnelLink),
    /// Another, by the kernel's name: `veth`, `bridge`, `vlan` …
    Other(String),
}

/// Whether a device is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// `ip link set DEVICE up`.
    Up,
    /// `ip link set DEVICE down`.
    Down,
}

/// How a device finds the link-layer addresses of its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// By asking: ARP or neighbour discovery.
    Asks,
    /// Not at all: loopback, dummy and tunnel devices.
    None,
}

/// An Ethernet address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl Host {
    /// Finds a device by its name.
    ///
    /// Same as `ip link show DEVICE`.
    ///
    /// # Errors
    /// [`Error::NoSuchDevice`]: there is none in this namespace.
    pub async fn link(&self, device: &DeviceName) -> Result<Link, Error> {
        let mut request = LinkMessage::default();
        request
            .attributes
            .push(LinkAttribute::IfName(device.to_string()));
        let missing = || Error::NoSuchDevice {
            device: device.clone(),
        };
        match self
            .netlink()
            .get(RouteNetlinkMessage::GetLink(request))
            .await
        {
            Ok(Some(RouteNetlinkMessage::NewLink(message))) => {
                Link::from_message(message).ok_or_else(missing)
            }
            Ok(_) => Err(missing()),
            // ENODEV has no `ErrorKind` of its own.
            Err(source) if source.raw_os_error() == Some(nix::libc::ENODEV) => Err(missing()),
            Err(source) => Err(reading_links(source)),
        }
    }

    /// All devices of the namespace.
    ///
    /// Same as `ip link show`.
    pub async fn links(&self) -> Result<Vec<Link>, Error> {
        let request = RouteNetlinkMessage::GetLink(LinkMessage::default());
        let messages = self.netlink().dump(request).await.map_err(reading_links)?;
        let links = messages.into_iter().filter_map(|message| match message {
            RouteNetlinkMessage::NewLink(link) => Link::from_message(link),
            _ => None,
        });
        Ok(links.collect())
    }

    /// The names of all devices, by the numbers that stand for them in the kernel.
    pub(crate) async fn device_names(&self) -> Result<HashMap<u32, DeviceName>, Error> {
        let links = self.links().await?;
        Ok(links
            .into_iter()
            .map(|link| (link.index, link.name))
            .collect())
    }
}

impl Link {
    fn from_message(message: LinkMessage) -> Option<Self> {
        let flags = message.header.flags;
        let ethernet = message.header.link_layer_type == LinkLayerType::Ether;
        let (mut name, mut mac, mut kind) = (None, None, None);
        let (mut mtu, mut group) = (0, 0);
        for attribute in message.attributes {
            match attribute {
                LinkAttribute::IfName(text) => name = Some(DeviceName::from_kernel(text)),
                LinkAttribute::Address(bytes) if ethernet => {
                    mac = bytes.try_into().ok().map(MacAddress);
                }
                LinkAttribute::Mtu(bytes) => mtu = bytes,
                LinkAttribute::Group(number) => group = number,
                LinkAttribute::LinkInfo(info) => kind = LinkKind::from_info(&info),
                _ => {}
            }
        }
        Some(Self {
            index: message.header.index,
            name: name?,
            state: if flags.contains(LinkFlags::Up) {
                LinkState::Up
            } else {
                LinkState::Down
            },
            mac,
            resolution: if flags.intersects(LinkFlags::Noarp | LinkFlags::Loopback) {
                Resolution::None
            } else {
                Resolution::Asks
            },
            mtu,
            kind,
            group,
        })
    }

    /// Whether it is up and finds its neighbours by asking, so that they ask here too.
    pub(crate) fn is_asking(&self) -> bool {
        self.resolution == Resolution::Asks && self.state == LinkState::Up
    }

    /// Whether this crate added it.
    pub(crate) fn is_marked(&self) -> bool {
        self.group == u32::from(mark::PROTOCOL)
    }

    /// Whether it is what was asked for.
    pub(crate) fn is_as(&self, wanted: &NewLink) -> bool {
        self.name == wanted.name
            && match (&self.kind, wanted.kind) {
                (Some(LinkKind::Dummy), NewLinkKind::Dummy) => true,
                (Some(LinkKind::Tunnel(tunnel)), NewLinkKind::Tunnel(wanted)) => *tunnel == wanted,
                _ => false,
            }
    }
}

impl LinkKind {
    fn from_info(info: &[LinkInfo]) -> Option<Self> {
        let kind = info.iter().find_map(|part| match part {
            LinkInfo::Kind(kind) => Some(kind),
            _ => None,
        })?;
        let data = info.iter().find_map(|part| match part {
            LinkInfo::Data(data) => Some(data),
            _ => None,
        });
        if let Some(tunnel) = TunnelLink::from_info(kind, data) {
            return Some(Self::Tunnel(tunnel));
        }
        Some(match kind.to_string() {
            name if name == "dummy" => Self::Dummy,
            name => Self::Other(name),
        })
    }
}

impl fmt::Display for LinkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dummy => f.write_str("dummy"),
            Self::Tunnel(tunnel) => write!(f, "{tunnel}"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for LinkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Down => "down",
        })
    }
}

fn reading_links(source: io::Error) -> Error {
    Error::Kernel {
        action: "reading the network devices".to_owned(),
        source,
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.map(|byte| format!("{byte:02x}"));
        f.write_str(&bytes.join(":"))
    }
}

impl Serialize for MacAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
