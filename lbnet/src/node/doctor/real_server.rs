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
mod travel;
mod tunnel;
mod vip;

pub(super) use gateway::questions;
pub(super) use implied::server;
pub(super) use travel::entrances;

use super::{
    carrier,
    expected::ExpectedServer,
    finding::{Finding, FindingKind},
    findings::Findings,
    managed, passages,
    view::HostView,
};
use crate::{Decapsulation, DeviceName, Error, Host, OuterFamily};

/// One subject each, in the order in which an administrator would look.
const CHECKS: [fn(&HostView, &ExpectedServer) -> Vec<Finding>; 11] = [
    unreached,
    vip::check,
    arp::check,
    second_device::check,
    |view, expected| host_route::check(view, expected).into_iter().collect(),
    tunnel::check,
    rp_filter::check,
    travel::check,
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
    let mut view = HostView::read(host).await?;
    let expected = &expected.clone().named_as_in(&view);
    view.find_paths(host, expected.vip()).await;
    view.passages = passages::follow(&view, host, entrances(&view, expected)).await;
    view.ask(host, questions(&view, expected)).await?;
    Ok(findings(&view, expected).made_possible_on(host))
}

/// What is wrong with a real server.
pub(super) fn findings(view: &HostView, expected: &ExpectedServer) -> Findings {
    let expected = &side::delivered(view, expected);
    let checks = CHECKS.iter().flat_map(|check| check(view, expected));
    let gone = expected.devices.iter().filter(|it| view.link(it).is_none());
    let vip: Vec<_> = expected.vip().into_iter().collect();
    let of_devices = managed::of_devices(view, &vip);
    let by_firewalld = managed::by_firewalld(view, &to_accept(expected));
    checks
        .chain(gone.map(device_missing))
        .chain(of_devices)
        .chain(by_firewalld)
        .collect()
}

/// Devices on the clients' side that receive nothing.
fn unreached(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let devices = side::clients_side(view, expected).into_iter();
    devices
        .filter_map(|link| carrier::check(view, link))
        .collect()
}

fn device_missing(device: &DeviceName) -> Finding {
    Finding::problem(
        FindingKind::DeviceMissing,
        format!("{device}, the device that clients' packets should arrive on, does not exist"),
        "Packets do not arrive, or they arrive on a device that may answer ARP for the VIP: this \
         server's clients get no answer.",
    )
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
