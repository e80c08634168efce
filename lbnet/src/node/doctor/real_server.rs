//! A real server, looked at.

mod arp;
mod gateway;
mod host_route;
mod mtu;
mod port;
mod rp_filter;
mod tunnel;
mod vip;

use std::net::IpAddr;

use super::{ExpectedServer, Finding, FindingKind, Findings, managed, view::HostView};
use crate::{
    Decapsulation, DeviceName, Error, Host, IpPrefix, Link, LinkKind, OuterFamily, RealServer,
    Route,
};

/// One subject each, in the order in which somebody would look.
const CHECKS: [fn(&HostView, &ExpectedServer) -> Vec<Finding>; 8] = [
    vip::check,
    arp::check,
    host_route::check,
    tunnel::check,
    rp_filter::check,
    port::check,
    gateway::check,
    mtu::check,
];

impl Host {
    /// Looks at this host as a real server, and changes nothing.
    ///
    /// # Errors
    /// Those of [`Host::check_director`].
    pub async fn check_real_server(&self, expected: &ExpectedServer) -> Result<Findings, Error> {
        let view = HostView::read(self, expected.vip()).await?;
        let mut findings: Findings = CHECKS
            .iter()
            .flat_map(|check| check(&view, expected))
            .collect();
        let gone = expected.devices.iter().filter(|it| view.link(it).is_none());
        findings.extend(gone.map(device_missing));
        let vip: Vec<_> = expected.vip().into_iter().collect();
        findings.extend(managed::of_devices(&view, &vip));
        findings.extend(managed::by_firewalld(&view, &to_let_in(expected)));
        Ok(findings)
    }

    /// The VIPs that this host has as a real server would: on `lo`, or alone in their network on a
    /// dummy or a tunnel.
    ///
    /// A guess: a director may have its own there too.
    pub async fn vips_of_real_server(&self) -> Result<Vec<IpAddr>, Error> {
        let (links, addresses) = (self.links().await?, self.addresses().await?);
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
}

fn is_as_of_vip(prefix: IpPrefix, link: &Link, network_is_elsewhere: impl Fn() -> bool) -> bool {
    let alone = prefix == IpPrefix::host(prefix.address());
    match &link.kind {
        // With its network it is there by mistake, unless this is where that network is.
        _ if link.name == DeviceName::loopback() => alone || network_is_elsewhere(),
        Some(LinkKind::Dummy) => alone,
        // One with another end has addresses of its own, as those that ask nobody: WireGuard, PPP.
        Some(LinkKind::Tunnel(tunnel)) => alone && tunnel.remote.is_none(),
        _ => false,
    }
}

impl RealServer {
    /// Looks whether a host is still as [`RealServer::up`] left it, and changes nothing.
    ///
    /// What it serves is not known here: see [`Host::check_real_server`].
    pub async fn check(&self, host: &Host) -> Result<Findings, Error> {
        host.check_real_server(&self.into()).await
    }
}

impl From<&RealServer> for ExpectedServer {
    /// What [`RealServer::up`] makes of a host.
    fn from(server: &RealServer) -> Self {
        let expected = match server.received_by() {
            Some(tunnel) => Self::tunnel(server.vip(), tunnel),
            None => Self::direct(server.vip()),
        };
        expected.device(server.device().clone())
    }
}

fn device_missing(device: &DeviceName) -> Finding {
    Finding::problem(
        FindingKind::DeviceMissing,
        format!("there is no device {device}, and clients' packets should come in by it"),
        "They come in by another device, which may tell everybody of the VIP, or not at all: its \
         share of the clients gets no answer.",
    )
}

/// Caches of name servers listen there, on every machine alike.
fn is_link_local(vip: IpAddr) -> bool {
    matches!(vip, IpAddr::V4(vip) if vip.is_link_local())
}

/// The devices on the clients' side: those that were named, or those in the VIP's network, or those
/// that lead to everybody else.
fn clients_side<'a>(view: &'a HostView, expected: &ExpectedServer) -> Vec<&'a Link> {
    let asking = || view.links.iter().filter(|link| link.is_asking());
    if !expected.devices.is_empty() {
        let named = |link: &&Link| expected.devices.contains(&link.name);
        return view.links.iter().filter(named).collect();
    }
    let towards_vip = match expected.vip() {
        Some(vip) => view.networks_of(vip).map(|(link, _)| link).collect(),
        None => Vec::new(),
    };
    if !towards_vip.is_empty() {
        return towards_vip;
    }
    let towards_clients = |route: &&Route| match expected.vip() {
        Some(vip) => route.is_default_for(vip),
        None => route.destination.is_none() && route.gateway.is_some(),
    };
    let by_default = view.routes.iter().filter(towards_clients);
    let by_default: Vec<_> = by_default
        .filter_map(|route| view.link(&route.device))
        .filter(|link| link.is_asking())
        .collect();
    if by_default.is_empty() {
        asking().collect()
    } else {
        by_default
    }
}

/// The command that makes the host what it should be.
fn set_up(view: &HostView, expected: &ExpectedServer) -> String {
    let side = clients_side(view, expected);
    let device = side.first().map(|link| link.name.as_str());
    let named = expected.devices.first().map(DeviceName::as_str);
    expected.set_up(named.or(device).unwrap_or("DEVICE"))
}

fn to_let_in(expected: &ExpectedServer) -> Vec<String> {
    let ports = expected.ports.iter();
    let ports = ports.map(|(transport, port)| format!("--add-port={port}/{}", transport.name()));
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
