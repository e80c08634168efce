//! Reads, adds and deletes host routes, changes default routes, and reads the paths that packets take.

mod default;
mod message;
mod path;
use crate::{Error, Host, HostError, HostRoute, HostRouteStatus, host::followed::Table};
pub(super) use path::family_of;
use rtnetlink::{
    packet_core::{NLM_F_CREATE, NLM_F_EXCL},
    packet_route::{RouteNetlinkMessage, route::RouteMessage},
};
use std::io;

impl Host {
    /// Returns the routes that lead to a single host without a gateway, except those that the
    /// kernel added for the addresses of this host.
    ///
    /// Same as `ip route show`, limited to these routes.
    pub async fn host_routes(&self) -> Result<Vec<HostRouteStatus>, Error> {
        let since = match self.followed.host_routes() {
            Table::Now(routes) => return Ok(routes),
            Table::Unread(since) => since,
        };
        let messages = self.route_messages().await?;
        let names = self.device_names().await?;
        let routes = messages
            .iter()
            .filter_map(|message| message::parse(message, &names));
        let routes: Vec<_> = routes.collect();
        self.followed.keep(since, |known| {
            known.keep_host_routes(routes.clone(), message::parse);
        });
        Ok(routes)
    }

    /// Adds a host route and marks it as added by this crate.
    ///
    /// Same as `ip route add HOST dev DEVICE`, or `ip route add local HOST dev DEVICE`.
    ///
    /// # Errors
    /// - [`HostError::RouteExists`]: there is a route to this host already, which may use another
    ///   device.
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`HostError::LinkDown`]: the device is down.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_NEWROUTE`, with a number of this crate as `rtm_protocol`.
    #[doc(alias = "RTM_NEWROUTE")]
    pub async fn add_host_route(&self, route: &HostRoute) -> Result<(), Error> {
        let link = self.link(&route.device).await?;
        let request = RouteNetlinkMessage::NewRoute(message::new(route, link.index));
        match self
            .netlink()
            .change(request, NLM_F_CREATE | NLM_F_EXCL)
            .await
        {
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::Host(HostError::RouteExists {
                    route: route.clone(),
                }))
            }
            Err(source) if source.kind() == io::ErrorKind::NetworkDown => {
                Err(Error::Host(HostError::LinkDown {
                    device: route.device.clone(),
                }))
            }
            other => other.map_err(|source| Error::refused(format!("adding {route}"), source)),
        }
    }

    /// Deletes a host route that this crate added. Routes that other programs added count as not
    /// found.
    ///
    /// # Errors
    /// - [`HostError::RouteNotFound`]: there is no such route, or another program added it.
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_DELROUTE`. The kernel compares the protocol if the request has one.
    #[doc(alias = "RTM_DELROUTE")]
    pub async fn delete_host_route(&self, route: &HostRoute) -> Result<(), Error> {
        let link = self.link(&route.device).await?;
        self.delete_route(route, message::new(route, link.index))
            .await
    }

    /// Deletes a host route, whoever added it.
    #[cfg(feature = "node")]
    pub(crate) async fn delete_host_route_of_anyone(&self, route: &HostRoute) -> Result<(), Error> {
        let link = self.link(&route.device).await?;
        let mut message = message::new(route, link.index);
        // The kernel compares the protocol of a route only if the request has one.
        message.header.protocol = rtnetlink::packet_route::route::RouteProtocol::Unspec;
        self.delete_route(route, message).await
    }

    async fn delete_route(&self, route: &HostRoute, message: RouteMessage) -> Result<(), Error> {
        let request = RouteNetlinkMessage::DelRoute(message);
        match self.netlink().change(request, 0).await {
            Err(source) if source.raw_os_error() == Some(nix::libc::ESRCH) => {
                Err(Error::Host(HostError::RouteNotFound {
                    route: route.clone(),
                }))
            }
            other => other.map_err(|source| Error::refused(format!("deleting {route}"), source)),
        }
    }
}
