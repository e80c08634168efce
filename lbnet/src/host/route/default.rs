//! Changes default routes.

use super::{message, path};
use crate::{AdvertisedMss, Error, Host, HostError, Route};
use rtnetlink::{
    packet_core::{NLM_F_CREATE, NLM_F_REPLACE},
    packet_route::{RouteNetlinkMessage, route::RouteMessage},
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
        let request = self.message_of(route).await?;
        let request = message::advertising(request, *segment);
        self.put_in_place(route, request).await
    }

    /// Leads an existing route to another gateway on the same device. The route keeps all its other
    /// properties, such as its metric.
    ///
    /// Same as `ip route replace … via GATEWAY`, which needs all other properties to be repeated.
    ///
    /// # Errors
    /// - [`HostError::NoSuchRoute`]: the main table has no such route.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_NEWROUTE` with `NLM_F_REPLACE`.
    pub async fn change_gateway(&self, route: &Route, gateway: IpAddr) -> Result<(), Error> {
        let request = self.message_of(route).await?;
        self.put_in_place(route, message::leading_to(request, gateway))
            .await
    }

    async fn message_of(&self, route: &Route) -> Result<RouteMessage, Error> {
        let names = self.device_names().await?;
        let messages = self.route_messages().await?.into_iter();
        let mut same = messages.filter(|it| {
            path::of_main_table(it, &names).is_some_and(|there| there.is_same_entry(route))
        });
        same.next().ok_or_else(|| {
            let route = route.clone();
            Error::Host(HostError::NoSuchRoute { route })
        })
    }

    async fn put_in_place(&self, route: &Route, request: RouteMessage) -> Result<(), Error> {
        let request = RouteNetlinkMessage::NewRoute(request);
        let changed = self.netlink().change(request, NLM_F_REPLACE).await;
        changed.map_err(|source| Error::refused(format!("changing {route}"), source))
    }
}
