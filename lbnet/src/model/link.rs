//! Network devices, as values.

mod new;
mod tunnel;
use crate::{DeviceName, model::mark};
pub use new::{NewLink, NewLinkKind};
use serde::Serialize;
use std::fmt;
pub use tunnel::{Carried, GreChecksum, TunnelKind, TunnelLink};

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

impl Link {
    /// Whether it is up and finds its neighbours by asking, so that they ask here too.
    pub fn is_asking(&self) -> bool {
        self.resolution == Resolution::Asks && self.state == LinkState::Up
    }

    /// Whether this crate added it.
    pub fn is_marked(&self) -> bool {
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
