//! Whether another host has a VIP of this director, too.

use std::{net::IpAddr, time::Duration};

use crate::{
    DeviceName, Error, Holder, Host, Link, Probe, Usage,
    node::doctor::{
        balancing::Balancing,
        finding::{Finding, FindingKind},
        view::HostView,
    },
};

/// A host that is up answers within milliseconds.
const PATIENCE: Duration = Duration::from_millis(200);

/// Asks the network for all VIPs at the same time. Without `CAP_NET_RAW` it cannot ask, and finds
/// nothing.
pub(super) async fn check(
    host: &Host,
    view: &HostView,
    balancing: &Balancing,
) -> Result<Vec<Finding>, Error> {
    let asked = announced(view, &balancing.vips());
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let probe = Probe::default().interval(PATIENCE);
    match host.probe(&asked, probe).await {
        Ok(holders) => Ok(holders.iter().filter_map(finding).collect()),
        Err(Error::PermissionDenied { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The VIPs that this host has as a director has them, with the device of each.
fn announced(view: &HostView, vips: &[IpAddr]) -> Vec<(IpAddr, DeviceName)> {
    let carriers = vips.iter().flat_map(|vip| view.carriers(*vip));
    let on_networks = carriers.filter(|entry| {
        let link = view.link_of(entry);
        link.is_some_and(Link::resolves_neighbours)
    });
    on_networks
        .map(|entry| (entry.address.prefix.address(), entry.address.device.clone()))
        .collect()
}

fn finding(holder: &Holder) -> Option<Finding> {
    if holder.usage != Usage::InUse {
        return None;
    }
    let (vip, device, mac) = (holder.address, &holder.device, holder.mac);
    Some(Finding::problem(
        FindingKind::VipTaken,
        format!("the host {mac} on {device} answers for {vip}, which this host has, too"),
        "Some clients and routers send their packets there instead of here. If it is another director, \
         only one of the two may have the virtual IP. If it is a real server, run ipvs-rs doctor there: \
         it must not answer for the virtual IP.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::view::tests::{address, link};

    #[test]
    fn the_network_is_asked_only_for_vips_that_neighbours_find_here() {
        let view = HostView {
            links: vec![link(1, "lo"), link(2, "eth0")],
            addresses: vec![
                address("10.10.10.100/24", "eth0"),
                address("10.10.10.101/32", "lo"),
            ],
            ..HostView::default()
        };
        let vips = ["10.10.10.100", "10.10.10.101", "10.10.10.102"].map(|it| it.parse().unwrap());
        assert_eq!(
            announced(&view, &vips),
            [("10.10.10.100".parse().unwrap(), "eth0".parse().unwrap())]
        );
    }
}
