//! Whether another device of the clients' segment answers ARP for the VIP.

use std::net::IpAddr;

use super::{arp, side::clients_side};
use crate::{
    DeviceName, Ipv4Conf, Link,
    model::segment,
    node::doctor::{
        expected::ExpectedServer,
        finding::{Finding, FindingKind},
        view::HostView,
    },
};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let finding = answered(view, expected);
    finding.into_iter().collect()
}

/// Requests are broadcast, so every device in the segment gets them, and the kernel answers on each for
/// all addresses of the host.
fn answered(view: &HostView, expected: &ExpectedServer) -> Option<Finding> {
    // For IPv6, a device only ever answers for its own addresses.
    let vip = expected.vip().filter(IpAddr::is_ipv4)?;
    if !view.is_local(vip) || view.is_noticed(vip) {
        return None;
    }
    let side: Vec<_> = clients_side(view, expected);
    let beside = view.links.iter().filter(|link| {
        link.resolves_neighbours()
            && !side.contains(link)
            && side.iter().any(|device| in_one_segment(view, link, device))
    });
    let beside: Vec<_> = beside.map(|link| &link.name).collect();
    let enough = arp::ignoring(view, vip);
    let loud = arp::not_among(view, &beside, Ipv4Conf::ArpIgnore, enough);
    let on = side.first()?;
    let finding = Finding::problem(
        FindingKind::ArpAnsweredOnSecondDevice,
        format!(
            "{} is in the same network segment as {}, and answers ARP for {vip}",
            arp::names(&loud)?,
            on.name
        ),
        "Some clients reach this host instead of the director: they are not balanced, and when this \
         host is down they get no answer.",
    );
    // `up` on the clients' device also makes the devices quiet of which it knows that they are in the
    // segment.
    let is_known = |name: &DeviceName| known(view, on).any(|link| link.name == *name);
    let mut set_up: Vec<_> = loud
        .iter()
        .map(|name| if is_known(name) { &on.name } else { *name })
        .collect();
    set_up.dedup();
    let quiet = arp::fixes(view, &set_up, Ipv4Conf::ArpIgnore, 1, enough, expected);
    Some(finding.fix_all(quiet))
}

/// The devices that are in the segment of another one for a reason that stays.
fn known<'a>(view: &'a HostView, device: &Link) -> impl Iterator<Item = &'a Link> {
    segment::beside(device, &view.links, &view.addresses)
}

/// Two devices with the same neighbour are in one segment, too.
fn in_one_segment(view: &HostView, one: &Link, other: &Link) -> bool {
    let macs = |device: &DeviceName| {
        let of_device = view.neighbours.iter().filter(|it| it.device == *device);
        of_device.filter_map(|it| it.mac).collect::<Vec<_>>()
    };
    let others = macs(&other.name);
    known(view, other).any(|it| it == one) || macs(&one.name).iter().any(|mac| others.contains(mac))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        MacAddress, Neighbour, NeighbourState,
        node::doctor::{
            testing::{here, remedies},
            view::tests::{address, link},
        },
    };

    const UP: &str = "set up the real server for 10.10.10.100 on eth0";
    const UP_THERE: &str = "set up the real server for 10.10.10.100 on eth1";

    /// A real server that is quiet on eth0, the device on the clients' side.
    fn view(on_eth1: &[&str]) -> HostView {
        let mut view = HostView {
            links: vec![link(1, "lo"), link(2, "eth0"), link(3, "eth1")],
            addresses: vec![
                address("10.10.10.12/24", "eth0"),
                address("10.10.10.100/32", "lo"),
            ],
            paths: [here("10.10.10.100")].into(),
            ..HostView::default()
        };
        view.addresses
            .extend(on_eth1.iter().map(|prefix| address(prefix, "eth1")));
        for (target, value) in [("all", 0), ("eth0", 1), ("eth1", 0)] {
            let key = format!("net.ipv4.conf.{target}.arp_ignore");
            view.settings.plant(&key, value);
        }
        view
    }

    fn check(view: &HostView) -> Vec<String> {
        let vip = "10.10.10.100".parse().unwrap();
        let expected = ExpectedServer::direct(vip).device("eth0".parse().unwrap());
        remedies(&super::check(view, &expected))
    }

    #[test]
    fn a_device_with_an_address_of_the_same_network_is_in_the_segment() {
        assert_eq!(check(&view(&["10.10.10.13/24"])), [UP]);
        assert_eq!(check(&view(&["10.10.20.13/24"])), [""; 0]);
        assert_eq!(check(&view(&[])), [""; 0]);
        let mut quiet = view(&["10.10.10.13/24"]);
        quiet.settings.plant("net.ipv4.conf.eth1.arp_ignore", 2);
        assert_eq!(check(&quiet), [""; 0]);
    }

    #[test]
    fn a_device_with_the_same_neighbour_is_in_the_segment() {
        let mut view = view(&["10.10.20.13/24"]);
        let neighbour = |address: &str, device: &str, last| Neighbour {
            address: address.parse().unwrap(),
            device: device.parse().unwrap(),
            mac: Some(MacAddress([2, 0, 0, 0, 0, last])),
            state: NeighbourState::Stale,
        };
        view.neighbours = vec![
            neighbour("10.10.10.1", "eth0", 1),
            neighbour("10.10.20.2", "eth1", 2),
        ];
        assert_eq!(check(&view), [""; 0]);
        view.neighbours.push(neighbour("10.10.20.1", "eth1", 1));
        assert_eq!(check(&view), [UP_THERE]);
    }
}
