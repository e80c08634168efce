//! Network devices, as values.

mod new;
mod state;
mod tunnel;
use crate::{DeviceName, model::mark};
pub use new::{NewLink, NewLinkKind};
use serde::Serialize;
pub use state::{Carrier, LinkState, LowerDevice, Master, MasterKind, OperationalState};
use std::fmt;
pub use tunnel::{Carried, GreChecksum, TunnelKind, TunnelLink};

/// A network device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Link {
    /// The kernel's number of the device, unique within its namespace.
    pub index: u32,
    /// The name.
    pub name: DeviceName,
    /// Other names by which the kernel finds the device (`ip link property add … altname`).
    pub alternative_names: Vec<DeviceName>,
    /// Whether the device is switched on administratively. This does not depend on the cable.
    pub state: LinkState,
    /// Whether the device can send and receive.
    pub carrier: Carrier,
    /// The operational state.
    pub operational: OperationalState,
    /// The device that this one is built on, or the other end of a veth pair.
    pub lower: Option<LowerDevice>,
    /// The bridge, bond or VRF that the device belongs to.
    pub master: Option<Master>,
    /// The Ethernet address, if it is an Ethernet device.
    pub mac: Option<MacAddress>,
    /// Whether the device resolves neighbours by ARP or neighbour discovery.
    pub resolution: Resolution,
    /// The largest packet that the device can send, in bytes.
    pub mtu: u32,
    /// The kind of device, if it is virtual.
    pub kind: Option<LinkKind>,
    /// The group (`IFLA_GROUP`). This crate marks its devices with 176.
    pub group: u32,
}

/// The kind of a virtual device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LinkKind {
    /// A dummy device, which drops all packets.
    Dummy,
    /// A tunnel device.
    Tunnel(TunnelLink),
    /// Another kind, as the kernel names it: `veth`, `bridge`, `vlan` and so on.
    Other(String),
}

/// How a device finds the link-layer addresses of its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// By ARP or neighbour discovery.
    Arp,
    /// Not at all, as on loopback, dummy and tunnel devices.
    None,
}

/// An Ethernet address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl Link {
    /// Returns whether the device is up and resolves neighbours, so that neighbours also send
    /// requests to it. A port does not: its bridge, bond or team receives the requests.
    pub fn resolves_neighbours(&self) -> bool {
        self.receives_requests() && self.state == LinkState::Up
    }

    /// Returns whether neighbours send requests to the device while it is up.
    pub(crate) fn receives_requests(&self) -> bool {
        let is_port = self
            .master
            .as_ref()
            .is_some_and(|of| of.kind.takes_packets());
        self.resolution == Resolution::Arp && !is_port
    }

    /// Returns whether the device and its lower device receive the same broadcasts.
    pub(crate) fn shares_broadcasts(&self) -> bool {
        self.is_of_kind(&["macvlan", "macvtap", "ipvlan", "ipvtap"])
    }

    /// Returns whether the device receives only packets for its own addresses, not for those of other
    /// devices of this host, such as `lo`.
    ///
    /// # Kernel
    /// `ipvlan_addr_lookup`: all devices on a lower device have its Ethernet address, so the
    /// destination address of a packet decides which of them gets it.
    pub(crate) fn receives_only_own(&self) -> bool {
        self.is_of_kind(&["ipvlan", "ipvtap"])
    }

    /// Returns the kind of the device for a message.
    pub(crate) fn kind_name(&self) -> String {
        match &self.kind {
            Some(kind) => kind.to_string(),
            None => "device".to_owned(),
        }
    }

    fn is_of_kind(&self, kinds: &[&str]) -> bool {
        match &self.kind {
            Some(LinkKind::Other(name)) => kinds.contains(&name.as_str()),
            _ => false,
        }
    }

    /// Returns the bridge, bond or VRF that the device belongs to, given all devices of the namespace.
    pub(crate) fn master_among<'a>(&self, links: &'a [Self]) -> Option<&'a Self> {
        let master = self.master.as_ref()?;
        links.iter().find(|it| it.index == master.index)
    }

    /// Returns the VRF that the device belongs to, given all devices of the namespace.
    pub(crate) fn vrf_among<'a>(&self, links: &'a [Self]) -> Option<&'a Self> {
        let is_vrf = self.master.as_ref()?.kind == MasterKind::Vrf;
        is_vrf.then(|| self.master_among(links)).flatten()
    }

    /// Returns whether the kernel finds the device by this name.
    pub fn is_named(&self, name: &DeviceName) -> bool {
        self.name == *name || self.alternative_names.contains(name)
    }

    /// Returns whether this crate added the device.
    pub fn is_marked(&self) -> bool {
        self.group == u32::from(mark::PROTOCOL)
    }

    /// Returns whether the device is the requested one.
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
