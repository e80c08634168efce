//! What a real server is asked for.

use crate::{DeviceName, Tunnel};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A real server's VIP: there to be connected to, and not to be noticed.
///
/// For IPv4, in this order:
///
/// 1. `arp_ignore` is at least 1 and `arp_announce` is 2 on the device on the clients' side, so
///    that the host neither answers ARP for an address of `lo` nor asks in its name. What holds is
///    the larger of the value in `all` and on the device; if that will do, nothing is changed.
///    Settings on `lo` have no effect at all: the device that counts is the one that ARP comes in
///    by.
/// 2. With a [`Tunnel`], a device takes packets out of packets, for one address of this host;
///    `rp_filter` is off on it, and all other devices stay as strict as they were. For GUE there is
///    a listener.
/// 3. The VIP is added to `lo`, alone in its network (`/32`) and with the scope of the host.
/// 4. A route to the VIP leads through `lo`.
///
/// For IPv6 there are the tunnel and the VIP, and that is all: neighbour solicitations are answered
/// only for addresses of the device they come in by.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct RealServer {
    pub(crate) vip: IpAddr,
    pub(crate) device: DeviceName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tunnel: Option<Tunnel>,
}

impl RealServer {
    /// A real server for a VIP, whose clients' packets come in by a device.
    pub fn new(vip: IpAddr, device: DeviceName) -> Self {
        Self {
            vip,
            device,
            tunnel: None,
        }
    }

    /// Sets the tunnel by which the clients' packets come, instead of directly.
    pub fn tunnel(self, tunnel: Tunnel) -> Self {
        Self {
            tunnel: Some(tunnel),
            ..self
        }
    }

    /// The VIP.
    pub fn vip(&self) -> IpAddr {
        self.vip
    }

    /// The device on the clients' side.
    pub fn device(&self) -> &DeviceName {
        &self.device
    }

    /// The tunnel by which the clients' packets come ([`RealServer::tunnel`]).
    pub fn received_by(&self) -> Option<Tunnel> {
        self.tunnel
    }
}
