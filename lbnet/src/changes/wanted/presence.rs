//! The addresses that a host has already.

use std::net::IpAddr;

use crate::{AddressStatus, Error, Host, HostRoute, HostRouteStatus};

/// Returns whether packets to this address are for the host. To ask about many addresses, read
/// [`Presence`] once.
pub(super) async fn is_present(host: &Host, address: IpAddr) -> Result<bool, Error> {
    Ok(is_among(&host.addresses().await?, address)
        || is_routed(&host.host_routes().await?, address))
}

/// The addresses and the local routes of a host, read once.
pub(crate) struct Presence {
    addresses: Vec<AddressStatus>,
    routes: Vec<HostRouteStatus>,
}

impl Presence {
    pub(crate) async fn on(host: &Host) -> Result<Self, Error> {
        Ok(Self {
            addresses: host.addresses().await?,
            routes: host.host_routes().await?,
        })
    }

    /// Returns whether packets to this address are for the host.
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        is_among(&self.addresses, address) || is_routed(&self.routes, address)
    }
}

fn is_among(addresses: &[AddressStatus], address: IpAddr) -> bool {
    let mut prefixes = addresses.iter().map(|status| &status.address.prefix);
    prefixes.any(|prefix| prefix.address() == address)
}

fn is_routed(routes: &[HostRouteStatus], address: IpAddr) -> bool {
    let local = HostRoute::local(address);
    routes.iter().any(|status| status.route == local)
}
