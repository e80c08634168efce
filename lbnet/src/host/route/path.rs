//! Reads the paths that packets take.

use super::super::link::no_such_device;
use crate::{
    DeviceName, Error, GatewayCheck, Host, IpPrefix, Link, PathAnswer, PathQuery, PathTo, Reach,
    Route,
};
use rtnetlink::packet_route::{
    AddressFamily, RouteNetlinkMessage,
    route::{RouteAddress, RouteAttribute, RouteFlags, RouteMessage, RouteMetric, RouteType},
};
use std::{collections::HashMap, io, net::IpAddr, num::NonZeroU32};

impl Host {
    /// Returns the IPv4 and IPv6 routes of the main table that send packets out.
    ///
    /// Same as `ip route show`, and `ip -6 route show`.
    pub async fn routes(&self) -> Result<Vec<Route>, Error> {
        let mut routes = self.routes_of_all_tables().await?;
        routes.retain(|route| route.table == Route::MAIN_TABLE);
        Ok(routes)
    }

    /// Returns the IPv4 and IPv6 routes of all tables that send packets out.
    ///
    /// Same as `ip route show table all`, and `ip -6 route show table all`.
    pub async fn routes_of_all_tables(&self) -> Result<Vec<Route>, Error> {
        let messages = self.route_messages().await?;
        let names = self.device_names().await?;
        let routes = messages
            .iter()
            .filter_map(|message| sending(message, &names));
        Ok(routes.collect())
    }

    /// Asks the kernel what becomes of a packet.
    ///
    /// Same as `ip route get ADDRESS from SOURCE iif DEVICE`, and the like.
    ///
    /// # Errors
    /// - [`HostError::NoSuchDevice`](crate::HostError::NoSuchDevice): there is no device of that name.
    /// - [`Error::Kernel`]: the kernel has no such address family, or no such packet can arrive: its source
    ///   is an address of this host.
    ///
    /// # Kernel
    /// `RTM_GETROUTE` for one address, with `RTA_SRC`, `RTA_IIF`, `RTA_OIF` and `RTA_MARK`.
    #[doc(alias = "RTM_GETROUTE")]
    pub async fn path(&self, query: &PathQuery) -> Result<PathAnswer, Error> {
        self.path_among(query, &self.links().await?).await
    }

    /// The same, for a caller that has read the devices.
    pub(crate) async fn path_among(
        &self,
        query: &PathQuery,
        links: &[Link],
    ) -> Result<PathAnswer, Error> {
        let request = RouteNetlinkMessage::GetRoute(question(query, links)?);
        let message = match self.netlink().get(request).await {
            Ok(Some(RouteNetlinkMessage::NewRoute(message))) => message,
            Ok(_) => return Ok(PathAnswer::Unreachable),
            Err(source) if leads_nowhere(&source) => return Ok(PathAnswer::Unreachable),
            Err(source) if source.kind() == io::ErrorKind::CrossesDevices => {
                return Ok(PathAnswer::Filtered);
            }
            Err(source) => return Err(reading(source)),
        };
        Ok(way(&message, links).map_or(PathAnswer::Unreachable, PathAnswer::Found))
    }

    /// Returns the path to an address, or `None` if there is no route.
    ///
    /// Same as `ip route get ADDRESS`.
    ///
    /// # Kernel
    /// `RTM_GETROUTE` for one address.
    #[doc(alias = "RTM_GETROUTE")]
    pub async fn path_to(&self, address: IpAddr) -> Result<Option<PathTo>, Error> {
        let answer = self.path(&PathQuery::to(address)).await?;
        Ok(answer.found().cloned())
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

/// Writes what the kernel is asked.
fn question(query: &PathQuery, links: &[Link]) -> Result<RouteMessage, Error> {
    let index = |device: &DeviceName| {
        let link = links.iter().find(|link| link.is_named(device));
        let missing = || no_such_device(device, links);
        link.map(|link| link.index).ok_or_else(missing)
    };
    let mut request = RouteMessage::default();
    let header = &mut request.header;
    header.address_family = family_of(query.to);
    header.destination_prefix_length = IpPrefix::host(query.to).length();
    let mut attributes = vec![RouteAttribute::Destination(query.to.into())];
    if let Some(source) = query.from {
        header.source_prefix_length = IpPrefix::host(source).length();
        attributes.push(RouteAttribute::Source(source.into()));
    }
    if let Some(device) = &query.arriving_on {
        attributes.push(RouteAttribute::Iif(index(device)?));
    }
    if let Some(device) = &query.leaving_by {
        attributes.push(RouteAttribute::Oif(index(device)?));
    }
    let mark = query.mark.map(NonZeroU32::get);
    attributes.extend(mark.map(RouteAttribute::Mark));
    request.attributes = attributes;
    Ok(request)
}

/// Reads what the kernel answers.
fn way(message: &RouteMessage, links: &[Link]) -> Option<PathTo> {
    let name = |index| links.iter().find(|link| link.index == index);
    let route = parse(message, |index| name(index).map(|link| link.name.clone()))?;
    let reach = match message.header.kind {
        RouteType::Local | RouteType::Broadcast | RouteType::Anycast => Reach::Local,
        RouteType::Unicast | RouteType::Multicast => Reach::Remote,
        _ => Reach::Nowhere,
    };
    Some(PathTo {
        reach,
        device: route.device,
        gateway: route.gateway,
        source: route.source,
        mtu: route.mtu,
    })
}

/// Parses a route of the main table that sends packets out. Returns `None` for any other.
pub(super) fn of_main_table(
    message: &RouteMessage,
    names: &HashMap<u32, DeviceName>,
) -> Option<Route> {
    let route = sending(message, names)?;
    (route.table == Route::MAIN_TABLE).then_some(route)
}

/// Parses a route that sends packets out. Returns `None` for any other.
fn sending(message: &RouteMessage, names: &HashMap<u32, DeviceName>) -> Option<Route> {
    let sends = message.header.kind == RouteType::Unicast;
    sends
        .then(|| parse(message, |index| names.get(&index).cloned()))
        .flatten()
}

/// Parses a route, given the names of devices by their numbers.
fn parse(message: &RouteMessage, name: impl Fn(u32) -> Option<DeviceName>) -> Option<Route> {
    let (mut destination, mut index, mut gateway) = (None, None, None);
    let (mut mtu, mut advertised_mss, mut metric) = (None, None, 0);
    let (mut table, mut source) = (u32::from(message.header.table), None);
    for attribute in &message.attributes {
        match attribute {
            RouteAttribute::Destination(to) => destination = ip(to),
            RouteAttribute::Gateway(router) => gateway = ip(router),
            RouteAttribute::Oif(number) => index = Some(*number),
            RouteAttribute::Priority(number) => metric = *number,
            RouteAttribute::Table(number) => table = *number,
            RouteAttribute::PrefSource(address) => source = ip(address),
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
        device: name(index?)?,
        mtu,
        advertised_mss,
        metric,
        table,
        source,
        protocol: message.header.protocol.into(),
        gateway_check: if message.header.flags.contains(RouteFlags::Onlink) {
            GatewayCheck::OnLink
        } else {
            GatewayCheck::InNetwork
        },
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

pub(in crate::host) fn family_of(address: IpAddr) -> AddressFamily {
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
