//! How clients' packets for a VIP travel through this host, as the kernel says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::view::{Beside, Client, Entrance, HostView, Passage};
use crate::{DeviceName, Host, LinkState, PathQuery, Rule};

/// Addresses of the internet that stand for clients behind routers: one of these is in no network of
/// this host. Nothing is sent to them.
const FAR_IPV4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(198, 51, 100, 1),
    Ipv4Addr::new(203, 0, 113, 1),
    Ipv4Addr::new(192, 0, 2, 1),
];
const FAR_IPV6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1),
    Ipv6Addr::new(0x2606, 0, 0, 0, 0, 0, 0, 1),
];

/// Asks the kernel what becomes of clients' packets that arrive there.
pub(super) async fn follow(
    view: &HostView,
    host: &Host,
    entrances: impl IntoIterator<Item = Entrance>,
) -> Vec<Passage> {
    let mut entrances: Vec<_> = entrances.into_iter().collect();
    entrances.sort_unstable();
    entrances.dedup();
    let mut passages = Vec::new();
    for (vip, device) in entrances {
        let up = view.link(&device);
        let up = up.is_some_and(|link| link.state == LinkState::Up);
        if !up || !is_here(view, vip) {
            continue;
        }
        for client in clients(view, vip, &device) {
            passages.extend(passage(view, host, vip, &device, client).await);
        }
    }
    passages
}

async fn passage(
    view: &HostView,
    host: &Host,
    vip: IpAddr,
    device: &DeviceName,
    client: Client,
) -> Option<Passage> {
    let from = client.address();
    // What the kernel refuses to answer is not known.
    let ask = async |query| host.path_among(&query, &view.links).await.ok();
    let vrf = view.link(device).and_then(|link| view.vrf(link));
    let reply_of = |own: IpAddr| {
        let reply = PathQuery::to(from).from(own);
        match vrf {
            Some(vrf) => reply.leaving_by(&vrf.name),
            None => reply,
        }
    };
    let arrival = ask(PathQuery::to(vip).from(from).arriving_on(device)).await?;
    let reply = ask(reply_of(vip)).await?;
    let beside = match ruled_beside(view, vip, device) {
        Some((address, rule)) => {
            let reply = ask(reply_of(address)).await;
            reply.map(|reply| Beside {
                address,
                rule,
                reply,
            })
        }
        None => None,
    };
    Some(Passage {
        vip,
        device: device.clone(),
        client,
        arrival,
        reply,
        beside,
    })
}

/// Whether this host has an address, or a local route to it.
fn is_here(view: &HostView, vip: IpAddr) -> bool {
    is_own(view, vip) || view.is_local(vip)
}

/// A client in a network of the device, and one that only a default route leads to.
fn clients(view: &HostView, vip: IpAddr, device: &DeviceName) -> Vec<Client> {
    let networks = view.addresses.iter();
    let networks = networks.filter(|it| it.address.device == *device);
    let mut networks: Vec<_> = networks.map(|it| it.address.prefix).collect();
    networks.retain(|it| it.address().is_ipv4() == vip.is_ipv4());
    // Clients are rather in the VIP's own network.
    networks.sort_by_key(|it| !it.contains(vip));
    let near = networks.into_iter().find_map(|network| {
        let neighbour = network.hosts().find(|it| !is_own(view, *it))?;
        Some(Client::Near(neighbour, network.network()))
    });
    near.into_iter().chain(far(view, vip)).collect()
}

fn far(view: &HostView, vip: IpAddr) -> Option<Client> {
    let mut defaults = view.tables.iter().filter(|it| it.is_default_for(vip));
    defaults.next()?;
    let candidates: Vec<IpAddr> = if vip.is_ipv4() {
        FAR_IPV4.map(IpAddr::V4).into()
    } else {
        FAR_IPV6.map(IpAddr::V6).into()
    };
    let is_covered = |address: &IpAddr| {
        let mut networks = view.tables.iter().filter_map(|route| route.destination);
        networks.any(|it| it.contains(*address))
    };
    let mut far = candidates.into_iter();
    far.find(|it| !is_covered(it) && !is_own(view, *it))
        .map(Client::Far)
}

fn is_own(view: &HostView, address: IpAddr) -> bool {
    view.carriers(address).next().is_some()
}

/// An address of a device that a rule is about, while that rule is not about the VIP.
fn ruled_beside(view: &HostView, vip: IpAddr, device: &DeviceName) -> Option<(IpAddr, Rule)> {
    let of_device = view.addresses.iter();
    let of_device = of_device.filter(|it| it.address.device == *device);
    let addresses = of_device.map(|it| it.address.prefix.address());
    let mut addresses = addresses.filter(|it| it.is_ipv4() == vip.is_ipv4());
    addresses.find_map(|address| {
        let mut rules = view.rules.iter();
        let rule = rules.find(|it| it.is_for(address) && !it.is_for(vip))?;
        Some((address, *rule))
    })
}
