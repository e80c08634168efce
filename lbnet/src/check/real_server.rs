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

use super::{ExpectedServer, Finding, Findings, managed, view::HostView};
use crate::{
    DeviceName, Encapsulation, Error, Host, IpPrefix, Link, LinkKind, OuterFamily, RealServer,
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
    /// - [`Error::NoSuchDevice`]: a device that was named is not there.
    /// - Others as of [`Host::check_director`].
    pub async fn check_real_server(&self, expected: &ExpectedServer) -> Result<Findings, Error> {
        for device in &expected.devices {
            self.link(device).await?;
        }
        let view = HostView::read(self, expected.vip()).await?;
        let mut findings: Findings = CHECKS
            .iter()
            .flat_map(|check| check(&view, expected))
            .collect();
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
        let mut vips: Vec<_> = addresses
            .into_iter()
            .map(|status| status.address)
            .filter(|address| {
                let link = links.iter().find(|link| link.name == address.device);
                link.is_some_and(|link| is_as_of_vip(address.prefix, link))
            })
            .map(|address| address.prefix.address())
            .filter(|vip| crate::vip::check(*vip).is_ok() && !is_link_local(*vip))
            .collect();
        vips.sort_unstable();
        vips.dedup();
        Ok(vips)
    }
}

fn is_as_of_vip(prefix: IpPrefix, link: &Link) -> bool {
    // With its network it is there by mistake, and there all the same.
    if link.name == DeviceName::loopback() {
        return true;
    }
    // Others that ask nobody have addresses of their own: WireGuard, PPP.
    let made_for_it = matches!(link.kind, Some(LinkKind::Dummy | LinkKind::Tunnel(_)));
    made_for_it && prefix == IpPrefix::host(prefix.address())
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

/// Caches of name servers listen there, on every machine alike.
fn is_link_local(vip: IpAddr) -> bool {
    matches!(vip, IpAddr::V4(vip) if vip.is_link_local())
}

/// The devices on the clients' side.
fn clients_side<'a>(view: &'a HostView, expected: &ExpectedServer) -> Vec<&'a Link> {
    let asking = || view.links.iter().filter(|link| link.is_asking());
    if !expected.devices.is_empty() {
        let named = |link: &&Link| expected.devices.contains(&link.name);
        return view.links.iter().filter(named).collect();
    }
    let vip = expected.vip();
    let with_address: Vec<_> = asking()
        .filter(|link| {
            let mut own = view
                .addresses
                .iter()
                .filter(|it| it.address.device == link.name);
            own.any(|it| {
                let address = it.address.prefix.address();
                vip.is_none_or(|vip| address != vip && address.is_ipv4() == vip.is_ipv4())
            })
        })
        .collect();
    if with_address.is_empty() {
        asking().collect()
    } else {
        with_address
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
        .map(|(vip, tunnel)| match tunnel.encapsulation() {
            Encapsulation::Gue { port } => format!("--add-port={port}/udp"),
            Encapsulation::Gre { .. } => "--add-protocol=gre".to_owned(),
            Encapsulation::Ipip => match OuterFamily::from(vip) {
                OuterFamily::Ipv4 => "--add-protocol=ipencap".to_owned(),
                OuterFamily::Ipv6 => "--add-protocol=ipv6".to_owned(),
            },
        });
    ports.chain(tunnel).collect()
}
