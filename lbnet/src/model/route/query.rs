//! Questions about the way of one packet, and what the kernel answers.

use crate::{DeviceName, PathTo};
use serde::Serialize;
use std::{net::IpAddr, num::NonZeroU32};

/// A packet whose way is asked of the kernel.
///
/// The kernel takes everything into account that decides about a real packet: rules, tables, VRFs and
/// reverse path filtering.
///
/// # Examples
/// ```
/// use lbnet::{DeviceName, PathQuery};
///
/// let (client, vip) = ("192.0.2.1".parse()?, "10.10.10.100".parse()?);
/// let eth0: DeviceName = "eth0".parse()?;
/// let request = PathQuery::to(vip).from(client).arriving_on(&eth0);
/// let reply = PathQuery::to(client).from(vip);
/// assert_ne!(request, reply);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct PathQuery {
    pub(crate) to: IpAddr,
    pub(crate) from: Option<IpAddr>,
    pub(crate) arriving_on: Option<DeviceName>,
    pub(crate) leaving_by: Option<DeviceName>,
    pub(crate) mark: Option<NonZeroU32>,
}

impl PathQuery {
    /// A packet that this host sends to an address.
    pub fn to(address: IpAddr) -> Self {
        Self {
            to: address,
            from: None,
            arriving_on: None,
            leaving_by: None,
            mark: None,
        }
    }

    /// Sets the source of the packet. Without one, the kernel chooses it.
    pub fn from(mut self, source: IpAddr) -> Self {
        self.from = Some(source);
        self
    }

    /// Makes it a packet of another host that arrives on a device. It needs a source.
    pub fn arriving_on(mut self, device: &DeviceName) -> Self {
        self.arriving_on = Some(device.clone());
        self
    }

    /// Sets the device that the packet has to leave by, or the VRF that it belongs to.
    pub fn leaving_by(mut self, device: &DeviceName) -> Self {
        self.leaving_by = Some(device.clone());
        self
    }

    /// Sets the firewall mark of the packet.
    pub fn mark(mut self, mark: NonZeroU32) -> Self {
        self.mark = Some(mark);
        self
    }
}

/// What becomes of a packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PathAnswer {
    /// It takes this way.
    Found(PathTo),
    /// No route leads there. For a packet that arrives: it is not for this host, and this host does not
    /// forward it.
    Unreachable,
    /// `rp_filter` drops it: packets to its source would not leave by the device that it arrives on.
    Filtered,
}

impl PathAnswer {
    /// Returns the way, if there is one.
    pub fn found(&self) -> Option<&PathTo> {
        match self {
            Self::Found(path) => Some(path),
            Self::Unreachable | Self::Filtered => None,
        }
    }
}
