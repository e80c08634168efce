//! The addresses that a host has already.

use std::net::IpAddr;

use crate::{AddressStatus, Error, Host, HostRoute, HostRouteStatus};

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
        let local = HostRoute::local(address);
        let mut addresses = self.addresses.iter().map(|status| &status.address.prefix);
        addresses.any(|prefix| prefix.address() == address)
            || self.routes.iter().any(|status| status.route == local)
    }
}
