//! The place of a director's VIP.

use serde::{Deserialize, Serialize};

use crate::DeviceName;

/// Where a director has its VIP. IPVS only needs packets for the VIP to be delivered to this host.
///
/// For an IPv4 VIP, the host answers ARP requests on every device, wherever the VIP is, unless
/// `arp_ignore` restricts this. For an IPv6 VIP, it answers neighbour solicitations only on the
/// device that has the VIP. If an IPv6 VIP is elsewhere, a router must send its packets to this
/// host.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Placement {
    /// On the clients' device.
    #[default]
    Device,
    /// On `lo`.
    Loopback,
    /// On a dummy device, which is added if it does not exist. Programs that manage the clients'
    /// device do not touch it.
    Dummy(DeviceName),
    /// On no device: only a local route is added. The kernel cannot choose the VIP as source of a
    /// connection.
    Route,
}
