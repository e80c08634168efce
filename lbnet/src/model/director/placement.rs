//! Where a director has its VIP.

use serde::{Deserialize, Serialize};

use crate::DeviceName;

/// Where a director has its VIP. All IPVS needs is that packets to it are for this host.
///
/// An IPv4 VIP is answered for on every device, wherever it is, unless `arp_ignore` says otherwise.
/// An IPv6 VIP is answered for only on the device that has it: elsewhere it must be routed here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Placement {
    /// On the clients' device.
    #[default]
    Device,
    /// On `lo`.
    Loopback,
    /// On a dummy device, which is added if it is not there. It is out of the way of programs that
    /// manage the clients' device.
    Dummy(DeviceName),
    /// Nowhere: a local route alone. No connection can start from the VIP.
    Route,
}
