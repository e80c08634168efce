//! Whether packets for a VIP on another device arrive.

use std::net::IpAddr;

use crate::{Conflict, Delivery, Error, Host, Link};

/// Refuses a VIP on another device of the host if packets for it that arrive on this one would not
/// be received. `instead` is what works.
pub(super) async fn check_elsewhere(
    host: &Host,
    vip: IpAddr,
    link: &Link,
    instead: Instead,
) -> Result<(), Error> {
    if link.receives_only_own() {
        return Err(Error::Conflict(Conflict::NotDelivered {
            vip,
            device: link.name.clone(),
            kind: link.kind_name(),
            instead: instead.on_ipvlan,
        }));
    }
    if link.master.is_none() {
        return Ok(());
    }
    let links = host.links().await?;
    let Some(vrf) = link.vrf_among(&links) else {
        return Ok(());
    };
    if !host.looks_at_vrfs_first(vip).await? {
        return Ok(());
    }
    Err(Error::Conflict(Conflict::VrfComesFirst {
        vip,
        device: link.name.clone(),
        vrf: vrf.name.clone(),
        instead: instead.in_vrf,
    }))
}

/// What works on a device that does not receive packets for addresses of other devices.
pub(super) struct Instead {
    pub(super) on_ipvlan: Delivery,
    pub(super) in_vrf: Delivery,
}

impl Instead {
    /// The VIP on the device.
    pub(super) const ON_DEVICE: Self = Self {
        on_ipvlan: Delivery::Device,
        in_vrf: Delivery::Device,
    };

    /// The VIP must not be on the device.
    pub(super) const NOT_ON_DEVICE: Self = Self {
        on_ipvlan: Delivery::Tunnel,
        in_vrf: Delivery::LocalRuleFirst,
    };
}
