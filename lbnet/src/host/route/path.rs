//! Reads the paths that packets take.

use crate::{DeviceName, Error, Host, IpPrefix, PathTo, Reach, Route};
use rtnetlink::packet_route::{
    AddressFamily, RouteNetlinkMessage,
    route::{RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteMetric, RouteType},
};
use std::{collections::HashMap, io, net::IpAddr};

impl Host {
    /// Returns the IPv4 and IPv6 routes of the main table that send packets out.
    ///
    /// Same as `ip route show`, and `ip -6 route show`.
    pub async fn routes(&self) -> Result<Vec<Route>, Error> {
        let messages = self.route_messages().await?;
        let names = self.device_names().await?;
        let routes = messages
            .iter()
            .filter_map(|message| of_main_table(message, &names));
        Ok(routes.collect())
    }

    /// Returns the path to an address, or `None` if there is no route.
    ///
    /// Same as `ip route get ADDRESS`.
    ///
    /// # Kernel
    /// `RTM_GETROUTE` for one address.
    #[doc(alias = "RTM_GETROUTE")]
    pub async fn path_to(&self, address: IpAddr) -> Result<Option<PathTo>, Error> {
        let mut request = RouteMessage::default();
        request.header.address_family = family_of(address);
        request.header.destination_prefix_length = IpPrefix::host(address).length();
        request
            .attributes
            .push(RouteAttribute::Destination(address.into()));
        let answer = self
            .netlink()
            .get(RouteNetlinkMessage::GetRoute(request))
            .await;
        let message = match answer {
            Ok(Some(RouteNetlinkMessage::NewRoute(message))) => message,
            Ok(_) => return Ok(None),
            Err(source) if leads_nowhere(&source) => return Ok(None),
            Err(source) => return Err(reading(source)),
        };
        let names = self.device_names().await?;
        let reach = match message.header.kind {
            RouteType::Local | RouteType::Broadcast | RouteType::Anycast => Reach::Local,
            RouteType::Unicast | RouteType::Multicast => Reach::Remote,
            _ => Reach::Nowhere,
        };
        let source = message.attributes.iter().find_map(|part| match part {
            RouteAttribute::PrefSource(source) => ip(source),
            _ => None,
        });
        Ok(parse(&message, &names).map(|route| PathTo {
            reach,
            device: route.device,
            gateway: route.gateway,
            source,
            mtu: route.mtu,
        }))
    }

    /// Returns the routes of all tables, IPv4 and IPv6.
    pub(super) async fn route_messages(&self) -> Result<Vec<RouteMessage>, Error> {
        let mut routes = Vec::new();
        for family in [AddressFamily::Inet, AddressFamily::Inet6] {
            let mut request = RouteMessage::default();
            request.header.address_family = family;
            let request = RouteNetlinkMessage::GetRoute(request);
            let messages = self.netlink().dump(request).await.map_err(reading)?;
            routes.extend(messages.into_iter().filter_map(|message| match message {
                RouteNetlinkMessage::NewRoute(message) => Some(message),
                _ => None,
            }));
        }
        Ok(routes)
    }
}

/// Parses a route of the main table that sends packets out. Returns `None` for any other.
pub(super) fn of_main_table(
    message: &RouteMessage,
    names: &HashMap<u32, DeviceName>,
) -> Option<Route> {
    let header = &message.header;
    let sends = header.kind == RouteType::Unicast && header.table == RouteHeader::RT_TABLE_MAIN;
    sends.then(|| parse(message, names)).flatten()
}

fn parse(message: &RouteMessage, names: &HashMap<u32, DeviceName>) -> Option<Route> {
    let (mut destination, mut index, mut gateway) = (None, None, None);
    let (mut mtu, mut advertised_mss, mut metric) = (None, None, 0);
    for attribute in &message.attributes {
        match attribute {
            RouteAttribute::Destination(to) => destination = ip(to),
            RouteAttribute::Gateway(router) => gateway = ip(router),
            RouteAttribute::Oif(number) => index = Some(*number),
            RouteAttribute::Priority(number) => metric = *number,
            RouteAttribute::Metrics(metrics) => {
                for metric in metrics {
                    match metric {
                        RouteMetric::Mtu(bytes) => mtu = Some(*bytes),
                        RouteMetric::Advmss(bytes) => advertised_mss = Some(*bytes),
                        _ => {}
                    }
                }
            }
            // The first of several paths stands for all.
            RouteAttribute::MultiPath(hops) => {
                let first = hops.first()?;
                index = Some(first.interface_index);
                gateway = first.attributes.iter().find_map(|part| match part {
                    RouteAttribute::Gateway(router) => ip(router),
                    _ => None,
                });
            }
            _ => {}
        }
    }
    let length = message.header.destination_prefix_length;
    let destination = destination.map(|address| IpPrefix::new(address, length));
    Some(Route {
        destination: destination.transpose().ok()?,
        gateway,
        device: names.get(&index?)?.clone(),
        mtu,
        advertised_mss,
        metric,
    })
}

pub(super) fn reading(source: io::Error) -> Error {
    Error::Kernel {
        action: "reading the routes".to_owned(),
        source,
    }
}

fn leads_nowhere(source: &io::Error) -> bool {
    matches!(
        source.kind(),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable
    )
}

fn family_of(address: IpAddr) -> AddressFamily {
    match address {
        IpAddr::V4(_) => AddressFamily::Inet,
        IpAddr::V6(_) => AddressFamily::Inet6,
    }
}

fn ip(address: &RouteAddress) -> Option<IpAddr> {
    match address {
        RouteAddress::Inet(ip) => Some((*ip).into()),
        RouteAddress::Inet6(ip) => Some((*ip).into()),
        _ => None,
    }
}
