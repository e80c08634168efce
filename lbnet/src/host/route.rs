//! Reading, adding and deleting routes to a single host, and the ways that packets take.

mod message;
mod path;
use crate::{Error, Host, HostError, HostRoute, HostRouteStatus};
use rtnetlink::{
    packet_core::{NLM_F_CREATE, NLM_F_EXCL},
    packet_route::RouteNetlinkMessage,
};
use std::io;

impl Host {
    /// The routes that lead to one host without a gateway, but for those that the kernel made for
    /// the addresses of this host.
    ///
    /// Same as `ip route show`, without the rest.
    pub async fn host_routes(&self) -> Result<Vec<HostRouteStatus>, Error> {
        let messages = self.route_messages().await?;
        let names = self.device_names().await?;
        let routes = messages
            .iter()
            .filter_map(|message| message::parse(message, &names));
        Ok(routes.collect())
    }

    /// Adds a host route, marked as added by this crate.
    ///
    /// Same as `ip route add HOST dev DEVICE`, or `ip route add local HOST dev DEVICE`.
    ///
    /// # Errors
    /// - [`HostError::RouteExists`]: there is a route to this host already, maybe elsewhere.
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`HostError::LinkDown`]: the device is down.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_NEWROUTE`, with an own number as `rtm_protocol`.
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

    /// Deletes a host route that this crate added; those of others are not found.
    ///
    /// # Errors
    /// - [`HostError::RouteNotFound`]: it is not there, or somebody else's.
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_DELROUTE`; it compares the protocol if one is given.
    #[doc(alias = "RTM_DELROUTE")]
    pub async fn delete_host_route(&self, route: &HostRoute) -> Result<(), Error> {
        let link = self.link(&route.device).await?;
        let request = RouteNetlinkMessage::DelRoute(message::new(route, link.index));
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
