//! How a client's packet for a VIP travels through this host, as the kernel says.

use std::net::IpAddr;

use crate::{DeviceName, IpPrefix, PathAnswer, Rule};

/// A device where packets of clients for a VIP should arrive.
pub(in crate::node::doctor) type Entrance = (IpAddr, DeviceName);

/// A client's packet for a VIP that arrives on a device, and the reply to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::node::doctor) struct Passage {
    pub(in crate::node::doctor) vip: IpAddr,
    pub(in crate::node::doctor) device: DeviceName,
    pub(in crate::node::doctor) client: Client,
    pub(in crate::node::doctor) arrival: PathAnswer,
    pub(in crate::node::doctor) reply: PathAnswer,
    pub(in crate::node::doctor) beside: Option<Beside>,
}

/// Where a client is, with an address that it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::node::doctor) enum Client {
    /// In a network of the device.
    Near(IpAddr, IpPrefix),
    /// Behind a router: the default route leads there.
    Far(IpAddr),
}

/// An address of the same device whose replies a rule routes, but not those of the VIP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::node::doctor) struct Beside {
    pub(in crate::node::doctor) address: IpAddr,
    pub(in crate::node::doctor) rule: Rule,
    pub(in crate::node::doctor) reply: PathAnswer,
}

impl Client {
    pub(in crate::node::doctor) fn address(self) -> IpAddr {
        match self {
            Self::Near(address, _) | Self::Far(address) => address,
        }
    }
}
