//! The options of a real server.

mod placement;

use crate::{DeviceName, Tunnel, model::is_default};
pub use placement::ServerPlacement;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The set-up of a real server: it accepts packets for the VIP but does not answer ARP for it.
///
/// For IPv4, [`RealServer::up`] makes these changes in this order:
///
/// 1. `arp_ignore` is set to 1 and `arp_announce` to 2 on the device on the clients' side. The host
///    then neither answers ARP requests for an address of `lo`, nor uses such an address as the
///    source of its own requests. The kernel uses the larger of the values in `all` and on the
///    device; if that is sufficient, nothing is changed. The settings must be on the device that
///    receives the ARP requests: on `lo` they have no effect. Other devices of this host that receive
///    the same requests get the same settings: those with an address of the same network, and the
///    parent and siblings of a macvlan or ipvlan.
/// 2. With a [`Tunnel`], a tunnel device decapsulates packets for one address of this host.
///    `rp_filter` is off on that device, and all other devices stay as strict as they were. For
///    GUE, a listener is added.
/// 3. The VIP is added to `lo` as a single host (`/32`) with host scope.
/// 4. A route to the VIP through `lo` is added.
///
/// With [`ServerPlacement::Device`], `arp_ignore` is 3, `arp_notify` is 0, and the VIP is on the device
/// instead of `lo`, with host scope and without the route.
///
/// For IPv6, only the tunnel and the VIP are needed: the kernel answers neighbour solicitations
/// only for addresses of the device that receives them.
///
/// # Examples
/// ```no_run
/// # async fn example(host: lbnet::Host) -> Result<(), Box<dyn std::error::Error>> {
/// let server = lbnet::RealServer::new("192.0.2.100".parse()?, "eth0".parse()?);
/// for step in server.up(&host).await?.steps() {
///     println!("{step}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct RealServer {
    pub(crate) vip: IpAddr,
    pub(crate) device: DeviceName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tunnel: Option<Tunnel>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) placement: ServerPlacement,
}

impl RealServer {
    /// Creates a real server for a VIP. The device is the one that receives the clients' packets.
    pub fn new(vip: IpAddr, device: DeviceName) -> Self {
        Self {
            vip,
            device,
            tunnel: None,
            placement: ServerPlacement::default(),
        }
    }

    /// Sets the tunnel by which the director sends the clients' packets, instead of direct routing.
    pub fn tunnel(self, tunnel: Tunnel) -> Self {
        Self {
            tunnel: Some(tunnel),
            ..self
        }
    }

    /// Sets where the VIP is added, if not to `lo`.
    pub fn placement(self, placement: ServerPlacement) -> Self {
        Self { placement, ..self }
    }

    /// Returns the VIP.
    pub fn vip(&self) -> IpAddr {
        self.vip
    }

    /// Returns the device on the clients' side.
    pub fn device(&self) -> &DeviceName {
        &self.device
    }

    /// Returns the tunnel by which the director sends the clients' packets
    /// ([`RealServer::tunnel`]).
    pub fn incoming_tunnel(&self) -> Option<Tunnel> {
        self.tunnel
    }

    /// Returns where the VIP is added ([`RealServer::placement`]).
    pub fn vip_placement(&self) -> ServerPlacement {
        self.placement
    }
}
