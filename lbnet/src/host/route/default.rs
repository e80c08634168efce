//! Changes default routes.

use super::{message, path};
use crate::{AdvertisedMss, Error, Host, HostError};
use rtnetlink::{
    packet_core::{NLM_F_CREATE, NLM_F_REPLACE},
    packet_route::RouteNetlinkMessage,
};
use std::net::IpAddr;

impl Host {
    /// Makes another host the default gateway of its address family, and marks the route as added by
    /// this crate.
    ///
    /// The route has the metric that the kernel gives routes without one: 0 for IPv4, which is
    /// preferred to all others, and 1024 for IPv6. A default route of another metric stays.
    ///
    /// Same as `ip route replace default via GATEWAY`.
    ///
    /// # Errors
    /// - [`Error::Kernel`]: no network of this host has the gateway.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_NEWROUTE` with `NLM_F_REPLACE`.
    pub async fn replace_default_gateway(&self, gateway: IpAddr) -> Result<(), Error> {
        let request = RouteNetlinkMessage::NewRoute(message::default_by(gateway));
        let flags = NLM_F_CREATE | NLM_F_REPLACE;
        let replaced = self.netlink().change(request, flags).await;
        let action = || format!("making {gateway} the default gateway");
        replaced.map_err(|source| Error::refused(action(), source))
    }

    /// Limits the TCP segments that peers may send over an existing route. The route keeps all its
    /// other properties.
    ///
    /// Same as `ip route change … advmss BYTES`, which needs all other properties to be repeated.
    ///
    /// # Errors
    /// - [`HostError::NoSuchRoute`]: the main table has no such route.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_NEWROUTE` with `NLM_F_REPLACE` and `RTAX_ADVMSS`.
    #[doc(alias = "RTAX_ADVMSS")]
    pub async fn advertise_mss(&self, advertised: &AdvertisedMss) -> Result<(), Error> {
        let AdvertisedMss { route, segment } = advertised;
        let names = self.device_names().await?;
        let messages = self.route_messages().await?.into_iter();
        let mut same = messages.filter(|it| {
            path::of_main_table(it, &names).is_some_and(|there| there.is_same_entry(route))
        });
        let Some(request) = same.next() else {
            return Err(Error::Host(HostError::NoSuchRoute {
                route: route.clone(),
            }));
        };
        let request = RouteNetlinkMessage::NewRoute(message::advertising(request, *segment));
        let changed = self.netlink().change(request, NLM_F_REPLACE).await;
        changed.map_err(|source| Error::refused(format!("changing {route}"), source))
    }
}
