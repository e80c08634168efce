//! Whether clients' packets fit through the tunnels.

use std::{collections::BTreeMap, net::IpAddr};

use crate::{
    DeviceName, Reach, Tunnel, VsSetting,
    check::{Balancing, Finding, FindingKind, view::HostView},
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let mut narrow: BTreeMap<(DeviceName, u32, u32), Vec<IpAddr>> = BTreeMap::new();
    for (service, server) in balancing.servers() {
        let Some(encapsulation) = server.encapsulation() else {
            continue;
        };
        let Some(path) = view.paths.get(&server.address) else {
            continue;
        };
        if path.reach != Reach::Remote {
            continue;
        }
        let of_device = view.link(&path.device).map(|link| link.mtu);
        let overhead = Tunnel::new(encapsulation).overhead(server.address);
        let (Some(mtu), Some(largest)) = (path.mtu.or(of_device), largest(view, service.vip()))
        else {
            continue;
        };
        let room = mtu.saturating_sub(overhead);
        if room < largest {
            let key = (path.device.clone(), room, largest + overhead);
            narrow.entry(key).or_default().push(server.address);
        }
    }
    let findings = narrow.into_iter();
    findings
        .map(|((device, room, needed), servers)| finding(view, &device, room, needed, servers))
        .collect()
}

/// The largest packet that a client can have sent to a VIP.
fn largest(view: &HostView, vip: Option<IpAddr>) -> Option<u32> {
    let vip = vip?;
    let carrying = view.carriers(vip).filter_map(|it| view.link_of(it));
    let around = view.networks_of(vip).map(|(link, _)| link);
    let clients_side = carrying.chain(around).filter(|link| link.is_asking());
    clients_side.map(|link| link.mtu).max()
}

fn finding(
    view: &HostView,
    device: &DeviceName,
    room: u32,
    needed: u32,
    mut servers: Vec<IpAddr>,
) -> Finding {
    servers.sort_unstable();
    servers.dedup();
    let names: Vec<_> = servers.iter().map(IpAddr::to_string).collect();
    let kind = FindingKind::TunnelMtu;
    let said = format!(
        "packets of more than {room} bytes do not fit through {device} to {}",
        names.join(", ")
    );
    let finding = if view.settings.vs(VsSetting::PmtuDisc) == Some(0) {
        Finding::warning(
            kind,
            said,
            "They are sent in fragments: large uploads are slow, and where fragments are dropped \
             they hang.",
        )
    } else {
        Finding::note(
            kind,
            said,
            "Clients are told so and send smaller ones; where ICMP is filtered they are not, and \
             large uploads hang.",
        )
    };
    finding.mend(format!(
        "ip link set {device} mtu {needed}  # if all of its network takes as much"
    ))
}
