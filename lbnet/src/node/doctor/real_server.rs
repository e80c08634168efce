//! Whether a real server is as it should be.

mod arp;
mod gateway;
mod host_route;
mod implied;
mod mtu;
mod port;
mod rp_filter;
mod second_device;
mod side;
mod tunnel;
mod vip;

use std::net::IpAddr;

pub(super) use implied::Devices;

use super::{
    expected::ExpectedServer,
    finding::{Finding, FindingKind},
    findings::Findings,
    managed,
    view::HostView,
};
use crate::{Decapsulation, DeviceName, Error, Host, IpPrefix, Link, LinkKind, OuterFamily};

/// One subject each, in the order in which an administrator would look.
const CHECKS: [fn(&HostView, &ExpectedServer) -> Vec<Finding>; 9] = [
    vip::check,
    arp::check,
    second_device::check,
    |view, expected| host_route::check(view, expected).into_iter().collect(),
    tunnel::check,
    rp_filter::check,
    port::check,
    gateway::check,
    |view, expected| mtu::check(view, expected).into_iter().collect(),
];

/// Examines a host as a real server, and changes nothing.
///
/// # Errors
/// Those of [`examine_director`](super::examine_director).
///
/// # Examples
/// ```no_run
/// # async fn example(host: lbnet::Host) -> Result<(), Box<dyn std::error::Error>> {
/// use lbnet::doctor::{ExpectedServer, examine_real_server};
///
/// let expected = ExpectedServer::direct("192.0.2.100".parse()?);
/// println!("{}", examine_real_server(&host, &expected).await?);
/// # Ok(())
/// # }
/// ```
pub async fn examine_real_server(
    host: &Host,
    expected: &ExpectedServer,
) -> Result<Findings, Error> {
    let view = HostView::read(host, expected.vip()).await?;
    let mut findings: Findings = CHECKS
        .iter()
        .flat_map(|check| check(&view, expected))
        .collect();
    let gone = expected.devices.iter().filter(|it| view.link(it).is_none());
    findings.extend(gone.map(device_missing));
    let vip: Vec<_> = expected.vip().into_iter().collect();
    findings.extend(managed::of_devices(&view, &vip));
    findings.extend(managed::by_firewalld(&view, &to_accept(expected)));
    Ok(findings)
}

/// The VIPs that a host has as a real server has them: on `lo`, or alone in their network on a dummy
/// or a tunnel device.
///
/// This is a guess: a director may have its VIPs there, too.
///
/// # Errors
/// Devices or addresses could not be read.
pub async fn real_server_vips(host: &Host) -> Result<Vec<IpAddr>, Error> {
    let (links, addresses) = (host.links().await?, host.addresses().await?);
    let all: Vec<_> = addresses.into_iter().map(|it| it.address).collect();
    let mut vips: Vec<_> = all
        .iter()
        .filter(|address| {
            let link = links.iter().find(|link| link.name == address.device);
            let network_is_elsewhere = || {
                let others = all.iter().filter(|it| it.device != address.device);
                others
                    .map(|it| it.prefix)
                    .any(|other| other.contains(address.prefix.address()))
            };
            link.is_some_and(|link| is_as_of_vip(address.prefix, link, network_is_elsewhere))
        })
        .map(|address| address.prefix.address())
        .filter(|vip| crate::model::vip::check(*vip).is_ok() && !is_link_local(*vip))
        .collect();
    vips.sort_unstable();
    vips.dedup();
    Ok(vips)
}

fn is_as_of_vip(prefix: IpPrefix, link: &Link, network_is_elsewhere: impl Fn() -> bool) -> bool {
    let alone = prefix == IpPrefix::host(prefix.address());
    match &link.kind {
        // On lo, a VIP with its network is a mistake, unless that network is nowhere else.
        _ if link.name == DeviceName::loopback() => alone || network_is_elsewhere(),
        Some(LinkKind::Dummy) => alone,
        // A tunnel with a peer has addresses of its own, as have devices without ARP such as
        // WireGuard and PPP.
        Some(LinkKind::Tunnel(tunnel)) => alone && tunnel.remote.is_none(),
        _ => false,
    }
}

fn device_missing(device: &DeviceName) -> Finding {
    Finding::problem(
        FindingKind::DeviceMissing,
        format!("{device}, the device that clients' packets should arrive on, does not exist"),
        "Packets do not arrive, or they arrive on a device that may answer ARP for the VIP: this \
         server's clients get no answer.",
    )
}

/// Name server caches listen on such addresses, on every machine.
fn is_link_local(vip: IpAddr) -> bool {
    matches!(vip, IpAddr::V4(vip) if vip.is_link_local())
}

/// Options of `firewall-cmd`.
fn to_accept(expected: &ExpectedServer) -> Vec<String> {
    let ports = expected.ports.iter();
    let ports = ports.map(|(protocol, port)| managed::accept_port(*protocol, *port));
    let tunnel = expected
        .by_tunnel()
        .map(|(vip, tunnel)| match tunnel.decapsulation() {
            Decapsulation::Gue { port } => format!("--add-port={port}/udp"),
            Decapsulation::Gre { .. } => "--add-protocol=gre".to_owned(),
            Decapsulation::Ipip => match OuterFamily::from(vip) {
                OuterFamily::Ipv4 => "--add-protocol=4".to_owned(),
                OuterFamily::Ipv6 => "--add-protocol=41".to_owned(),
            },
        });
    ports.chain(tunnel).collect()
}
