//! What state a device is in, and which other devices it depends on.

use serde::Serialize;
use std::fmt;

/// Whether a device is switched on administratively.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// On (`ip link set DEVICE up`).
    Up,
    /// Off (`ip link set DEVICE down`).
    Down,
}

/// Whether a device can send and receive: the cable is plugged in, the ports of a bond are
/// connected, and so on.
///
/// # Kernel
/// `IFF_LOWER_UP`. A device that is switched off has no carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// The device can send and receive.
    Present,
    /// The device is switched off, or the layer below it is not connected.
    Missing,
}

/// The operational state of a device, as RFC 2863 defines it.
///
/// Devices such as `lo`, dummies and most tunnels stay in the state [`Unknown`](Self::Unknown),
/// although they work. To find out whether a device can receive packets, use [`Carrier`].
///
/// # Kernel
/// `IFLA_OPERSTATE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OperationalState {
    /// The driver does not report a state.
    Unknown,
    /// A component of the device is missing.
    NotPresent,
    /// The device cannot pass packets.
    Down,
    /// A device below this one cannot pass packets.
    LowerLayerDown,
    /// The device is being tested.
    Testing,
    /// The device waits for an external event, such as authentication.
    Dormant,
    /// The device passes packets.
    Up,
    /// A state that this crate does not know.
    Other(u8),
}

/// The device that another one is built on, by its number.
///
/// This is the device below a VLAN, macvlan or ipvlan, the other end of a veth pair, or the device
/// that a tunnel is bound to.
///
/// # Kernel
/// `IFLA_LINK`, and `IFLA_LINK_NETNSID` if that device is in another network namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LowerDevice {
    /// A device of the same namespace.
    Here {
        /// The number of the device.
        index: u32,
    },
    /// A device of another namespace.
    Elsewhere {
        /// The number of the device in that namespace.
        index: u32,
    },
}

/// The device that another one is a port or a member of.
///
/// # Kernel
/// `IFLA_MASTER` and `IFLA_INFO_SLAVE_KIND`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Master {
    /// The number of the device.
    pub index: u32,
    /// The kind of the device.
    pub kind: MasterKind,
}

/// The kind of a master device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MasterKind {
    /// A bridge.
    Bridge,
    /// A bond.
    Bond,
    /// A team, which is a bond that a daemon controls.
    Team,
    /// A VRF: a routing domain with a table of its own.
    Vrf,
    /// Another kind, as the kernel names it.
    Other(String),
}

impl MasterKind {
    /// Returns whether the master receives the packets that arrive on its ports. If so, addresses
    /// and settings of a port have no effect. Members of a VRF receive their packets themselves.
    pub fn takes_packets(&self) -> bool {
        *self != Self::Vrf
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

impl fmt::Display for MasterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bridge => "bridge",
            Self::Bond => "bond",
            Self::Team => "team",
            Self::Vrf => "VRF",
            Self::Other(name) => name,
        })
    }
}
