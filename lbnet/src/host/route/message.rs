//! Conversion between host routes and netlink messages.

use crate::{DeviceName, HostRoute, HostRouteKind, HostRouteStatus, IpPrefix, model::mark};
use rtnetlink::{
    RouteMessageBuilder,
    packet_route::route::{
        RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteMetric,
        RouteProtocol, RouteScope, RouteType,
    },
};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// The table of the kernel's local routes (`RT_TABLE_LOCAL`).
const TABLE_LOCAL: u8 = 255;

/// The unit in which the kernel tells programs how long a route lasts (`USER_HZ`).
const TICKS_A_SECOND: u32 = 100;

/// Builds a message that adds or deletes a route.
pub(super) fn new(route: &HostRoute, index: u32) -> RouteMessage {
    let length = IpPrefix::host(route.destination).length();
    let mut message = match route.destination {
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
    match route.kind {
        HostRouteKind::Unicast => {
            // The kernel ignores the scope for IPv6.
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

/// Builds a message that adds a default route.
pub(super) fn default_by(gateway: IpAddr) -> RouteMessage {
    let mut message = match gateway {
        IpAddr::V4(ip) => RouteMessageBuilder::<Ipv4Addr>::new().gateway(ip).build(),
        IpAddr::V6(ip) => RouteMessageBuilder::<Ipv6Addr>::new().gateway(ip).build(),
    };
    message.header.protocol = RouteProtocol::Other(mark::PROTOCOL);
    message
}

/// Leads a route to another gateway, in a message that the kernel sent. All other parts stay.
pub(super) fn leading_to(mut message: RouteMessage, gateway: IpAddr) -> RouteMessage {
    message.attributes.retain(|part| {
        !matches!(
            part,
            RouteAttribute::Gateway(_)
                | RouteAttribute::Via(_)
                | RouteAttribute::NhId(_)
                | RouteAttribute::MultiPath(_)
        )
    });
    let mut message = acceptable(message);
    message
        .attributes
        .push(RouteAttribute::Gateway(gateway.into()));
    message
}

/// Limits the segments of peers, in a message that the kernel sent. All other parts stay.
pub(super) fn advertising(message: RouteMessage, segment: u32) -> RouteMessage {
    let mut message = acceptable(message);
    let mut metrics = Vec::new();
    message.attributes.retain(|part| match part {
        RouteAttribute::Metrics(there) => {
            metrics.clone_from(there);
            false
        }
        _ => true,
    });
    metrics.retain(|it| !matches!(it, RouteMetric::Advmss(_)));
    metrics.push(RouteMetric::Advmss(segment));
    message.attributes.push(RouteAttribute::Metrics(metrics));
    message
}

/// A message that the kernel sent, in the form in which it takes it back.
fn acceptable(mut message: RouteMessage) -> RouteMessage {
    // The others say how the route is at the moment; the kernel refuses a route with some of them.
    message.header.flags &= RouteFlags::Onlink;
    let mut expires = None;
    let by_next_hop = message
        .attributes
        .iter()
        .any(|part| matches!(part, RouteAttribute::NhId(_)));
    message.attributes.retain(|part| match part {
        RouteAttribute::CacheInfo(info) => {
            expires = (info.expires > 0).then_some(info.expires / TICKS_A_SECOND);
            false
        }
        // The kernel also sends what the next hop object says, and takes only one of the two.
        RouteAttribute::Gateway(_)
        | RouteAttribute::Via(_)
        | RouteAttribute::Oif(_)
        | RouteAttribute::MultiPath(_) => !by_next_hop,
        _ => true,
    });
    message
        .attributes
        .extend(expires.map(RouteAttribute::Expires));
    message
}

pub(super) fn parse(
    message: &RouteMessage,
    names: &HashMap<u32, DeviceName>,
) -> Option<HostRouteStatus> {
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
        (RouteType::Unicast, RouteHeader::RT_TABLE_MAIN) => HostRouteKind::Unicast,
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
                let status = parse(&new(&route, 1), &names).unwrap();
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
