//! Routes to a single host.

use std::{
    collections::HashMap,
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use rtnetlink::{
    RouteMessageBuilder,
    packet_core::{NLM_F_CREATE, NLM_F_EXCL},
    packet_route::{
        AddressFamily, RouteNetlinkMessage,
        route::{
            RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteProtocol, RouteScope,
            RouteType,
        },
    },
};
use serde::{Deserialize, Serialize};

use crate::{DeviceName, Error, Host, IpPrefix, mark};

/// A route to one address through a device, without a gateway: `ip route add 192.0.2.100 dev lo`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostRoute {
    /// Where it leads.
    pub destination: IpAddr,
    /// The device it leads through.
    pub device: DeviceName,
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
        }
    }

    fn message(&self, index: u32) -> RouteMessage {
        let length = IpPrefix::host(self.destination).length();
        let protocol = RouteProtocol::Other(mark::PROTOCOL);
        match self.destination {
            IpAddr::V4(ip) => RouteMessageBuilder::<Ipv4Addr>::new()
                .destination_prefix(ip, length)
                .output_interface(index)
                .scope(RouteScope::Link)
                .protocol(protocol)
                .build(),
            IpAddr::V6(ip) => RouteMessageBuilder::<Ipv6Addr>::new()
                .destination_prefix(ip, length)
                .output_interface(index)
                .protocol(protocol)
                .build(),
        }
    }
}

impl Host {
    /// The routes of the main table that lead to one host without a gateway.
    ///
    /// Same as `ip route show`, without the rest.
    pub async fn host_routes(&self) -> Result<Vec<HostRouteStatus>, Error> {
        let reading = |source| Error::Kernel {
            action: "reading the routes".to_owned(),
            source,
        };
        let links = self.links().await?;
        let names: HashMap<u32, DeviceName> = links
            .into_iter()
            .map(|link| (link.index, link.name))
            .collect();
        let mut routes = Vec::new();
        for family in [AddressFamily::Inet, AddressFamily::Inet6] {
            let mut request = RouteMessage::default();
            request.header.address_family = family;
            let request = RouteNetlinkMessage::GetRoute(request);
            let messages = self.netlink().dump(request).await.map_err(reading)?;
            routes.extend(messages.into_iter().filter_map(|message| match message {
                RouteNetlinkMessage::NewRoute(message) => parse(&message, &names),
                _ => None,
            }));
        }
        Ok(routes)
    }

    /// Adds a host route, marked as added by this crate.
    ///
    /// Same as `ip route add HOST dev DEVICE`.
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
    let plain = header.kind == RouteType::Unicast && header.table == RouteHeader::RT_TABLE_MAIN;
    (whole && plain).then_some(())?;
    let device = names.get(&index?)?.clone();
    Some(HostRouteStatus {
        route: HostRoute {
            destination,
            device,
        },
        protocol: header.protocol.into(),
    })
}

impl fmt::Display for HostRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the route to {} through {}",
            self.destination, self.device
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read_back_the_same() {
        let names = HashMap::from([(1, DeviceName::loopback())]);
        for destination in ["10.10.10.100", "2001:db8::100"] {
            let route = HostRoute::new(destination.parse().unwrap(), DeviceName::loopback());
            let status = parse(&route.message(1), &names).unwrap();
            assert_eq!(status.route, route);
            assert_eq!(status.protocol, mark::PROTOCOL);
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
