//! Routes to a single host, and the ways that packets take.

mod path;

use std::{
    collections::HashMap,
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use rtnetlink::{
    RouteMessageBuilder,
    packet_core::{NLM_F_CREATE, NLM_F_EXCL},
    packet_route::{
        RouteNetlinkMessage,
        route::{
            RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteProtocol, RouteScope,
            RouteType,
        },
    },
};
use serde::{Deserialize, Serialize};

use crate::{DeviceName, Error, Host, IpPrefix, model::mark};
pub use path::{PathTo, Reach, Route};

/// Where the kernel keeps what is its own (`RT_TABLE_LOCAL`).
const TABLE_LOCAL: u8 = 255;

/// A route to one address without a gateway: `ip route add 192.0.2.100 dev lo`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostRoute {
    /// Where it leads.
    pub destination: IpAddr,
    /// The device it leads through.
    pub device: DeviceName,
    /// What it makes of the address.
    #[serde(default)]
    pub kind: HostRouteKind,
}

/// What a route makes of the address that it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostRouteKind {
    /// Packets leave through the device (the kernel's `unicast`, in the main table).
    #[default]
    Through,
    /// The address is this host's own, without being on a device (the kernel's `local`, in the
    /// local table): packets to it are taken, ARP is answered, and no connection starts from it.
    Local,
}

/// A host route that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HostRouteStatus {
    /// The route.
    pub route: HostRoute,
    /// Who added it (`rtm_protocol`): 2 is the kernel, 3 is `ip`.
    pub protocol: u8,
}

impl HostRoute {
    /// A route to `destination` through `device`.
    pub fn new(destination: IpAddr, device: DeviceName) -> Self {
        Self {
            destination,
            device,
            kind: HostRouteKind::Through,
        }
    }

    /// A route that makes `destination` an address of this host: `ip route add local 192.0.2.100
    /// dev lo`.
    pub fn local(destination: IpAddr) -> Self {
        Self {
            destination,
            device: DeviceName::loopback(),
            kind: HostRouteKind::Local,
        }
    }

    fn message(&self, index: u32) -> RouteMessage {
        let length = IpPrefix::host(self.destination).length();
        let mut message = match self.destination {
            IpAddr::V4(ip) => RouteMessageBuilder::<Ipv4Addr>::new()
                .destination_prefix(ip, length)
                .output_interface(index)
                .build(),
            IpAddr::V6(ip) => RouteMessageBuilder::<Ipv6Addr>::new()
                .destination_prefix(ip, length)
                .output_interface(index)
                .build(),
        };
        let header = &mut message.header;
        header.protocol = RouteProtocol::Other(mark::PROTOCOL);
        match self.kind {
            HostRouteKind::Through => {
                // The kernel ignores it for IPv6.
                header.scope = RouteScope::Link;
            }
            HostRouteKind::Local => {
                header.kind = RouteType::Local;
                header.table = TABLE_LOCAL;
                header.scope = RouteScope::Host;
            }
        }
        message
    }
}

impl Host {
    /// The routes that lead to one host without a gateway, but for those that the kernel made for
    /// the addresses of this host.
    ///
    /// Same as `ip route show`, without the rest.
    pub async fn host_routes(&self) -> Result<Vec<HostRouteStatus>, Error> {
        let messages = self.route_messages().await?;
        let names = self.device_names().await?;
        let routes = messages.iter().filter_map(|message| parse(message, &names));
        Ok(routes.collect())
    }

    /// Adds a host route, marked as added by this crate.
    ///
    /// Same as `ip route add HOST dev DEVICE`, or `ip route add local HOST dev DEVICE`.
    ///
    /// # Errors
    /// - [`Error::RouteExists`]: there is a route to this host already, maybe elsewhere.
    /// - [`Error::NoSuchDevice`]: there is no such device.
    /// - [`Error::LinkDown`]: the device is down.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_NEWROUTE`, with an own number as `rtm_protocol`.
    #[doc(alias = "RTM_NEWROUTE")]
    pub async fn add_host_route(&self, route: &HostRoute) -> Result<(), Error> {
        let link = self.link(&route.device).await?;
        let request = RouteNetlinkMessage::NewRoute(route.message(link.index));
        match self
            .netlink()
            .change(request, NLM_F_CREATE | NLM_F_EXCL)
            .await
        {
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::RouteExists {
                    route: route.clone(),
                })
            }
            Err(source) if source.kind() == io::ErrorKind::NetworkDown => Err(Error::LinkDown {
                device: route.device.clone(),
            }),
            other => other.map_err(|source| Error::refused(format!("adding {route}"), source)),
        }
    }

    /// Deletes a host route that this crate added; those of others are not found.
    ///
    /// # Errors
    /// - [`Error::RouteNotFound`]: it is not there, or somebody else's.
    /// - [`Error::NoSuchDevice`]: there is no such device.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_DELROUTE`; it compares the protocol if one is given.
    #[doc(alias = "RTM_DELROUTE")]
    pub async fn delete_host_route(&self, route: &HostRoute) -> Result<(), Error> {
        let link = self.link(&route.device).await?;
        let request = RouteNetlinkMessage::DelRoute(route.message(link.index));
        match self.netlink().change(request, 0).await {
            Err(source) if source.raw_os_error() == Some(nix::libc::ESRCH) => {
                Err(Error::RouteNotFound {
                    route: route.clone(),
                })
            }
            other => other.map_err(|source| Error::refused(format!("deleting {route}"), source)),
        }
    }
}

fn parse(message: &RouteMessage, names: &HashMap<u32, DeviceName>) -> Option<HostRouteStatus> {
    let header = &message.header;
    let (mut destination, mut index) = (None, None);
    for attribute in &message.attributes {
        match attribute {
            RouteAttribute::Destination(RouteAddress::Inet(ip)) => destination = Some((*ip).into()),
            RouteAttribute::Destination(RouteAddress::Inet6(ip)) => {
                destination = Some((*ip).into());
            }
            RouteAttribute::Oif(number) => index = Some(*number),
            RouteAttribute::Gateway(_) | RouteAttribute::Via(_) => return None,
            _ => {}
        }
    }
    let destination = destination?;
    let whole = header.destination_prefix_length == IpPrefix::host(destination).length();
    let kind = match (header.kind, header.table) {
        (RouteType::Unicast, RouteHeader::RT_TABLE_MAIN) => HostRouteKind::Through,
        (RouteType::Local, TABLE_LOCAL) if header.protocol != RouteProtocol::Kernel => {
            HostRouteKind::Local
        }
        _ => return None,
    };
    whole.then_some(())?;
    let device = names.get(&index?)?.clone();
    Some(HostRouteStatus {
        route: HostRoute {
            destination,
            device,
            kind,
        },
        protocol: header.protocol.into(),
    })
}

impl fmt::Display for HostRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            HostRouteKind::Through => {
                write!(
                    f,
                    "the route to {} through {}",
                    self.destination, self.device
                )
            }
            HostRouteKind::Local => write!(f, "the local route to {}", self.destination),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read_back_the_same() {
        let names = HashMap::from([(1, DeviceName::loopback())]);
        for destination in ["10.10.10.100", "2001:db8::100"] {
            let destination = destination.parse().unwrap();
            for route in [
                HostRoute::new(destination, DeviceName::loopback()),
                HostRoute::local(destination),
            ] {
                let status = parse(&route.message(1), &names).unwrap();
                assert_eq!(status.route, route);
                assert_eq!(status.protocol, mark::PROTOCOL);
            }
        }
    }

    #[test]
    fn routes_to_networks_and_by_gateways_are_not_host_routes() {
        let names = HashMap::from([(1, DeviceName::loopback())]);
        let ip = Ipv4Addr::new(10, 10, 10, 0);
        let network = RouteMessageBuilder::<Ipv4Addr>::new()
            .destination_prefix(ip, 24)
            .output_interface(1)
            .build();
        assert_eq!(parse(&network, &names), None);
        let routed = RouteMessageBuilder::<Ipv4Addr>::new()
            .destination_prefix(ip, 32)
            .gateway(Ipv4Addr::new(10, 0, 0, 1))
            .output_interface(1)
            .build();
        assert_eq!(parse(&routed, &names), None);
    }
}
