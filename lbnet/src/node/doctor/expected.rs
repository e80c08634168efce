//! What a real server should be like.

use std::{fmt, net::IpAddr, num::NonZeroU16};

use super::Transport;
use crate::{Decapsulation, DeviceName, GreChecksum, Tunnel};

/// What a host must be to serve as a real server, told by whoever knows.
///
/// # Examples
/// ```
/// use lbnet::{ExpectedServer, Transport};
///
/// let web = ExpectedServer::direct("192.0.2.100".parse()?)
///     .device("eth0".parse()?)
///     .port(Transport::Tcp, "80".parse()?);
/// assert_eq!(web.to_string(), "192.0.2.100 (direct)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct ExpectedServer {
    pub(super) arrival: Arrival,
    pub(super) devices: Vec<DeviceName>,
    pub(super) ports: Vec<(Transport, NonZeroU16)>,
}

/// How clients' packets come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    Direct { vip: IpAddr },
    Tunnel { vip: IpAddr, tunnel: Tunnel },
    Masquerade { director: IpAddr },
}

impl ExpectedServer {
    /// One that has the VIP, and is sent clients' packets as they are.
    pub fn direct(vip: IpAddr) -> Self {
        Self::new(Arrival::Direct { vip })
    }

    /// One that has the VIP, and is sent clients' packets in others.
    pub fn tunnel(vip: IpAddr, tunnel: Tunnel) -> Self {
        Self::new(Arrival::Tunnel { vip, tunnel })
    }

    /// One whose address takes the VIP's place, and whose answers must go to this director.
    pub fn masquerade(director: IpAddr) -> Self {
        Self::new(Arrival::Masquerade { director })
    }

    fn new(arrival: Arrival) -> Self {
        Self {
            arrival,
            devices: Vec::new(),
            ports: Vec::new(),
        }
    }

    /// Adds a device on the clients' side. Without any, all that are up, use ARP and have an address
    /// count.
    pub fn device(mut self, device: DeviceName) -> Self {
        self.devices.push(device);
        self
    }

    /// Adds a port that it should serve. Without any, it should serve something.
    pub fn port(mut self, transport: Transport, port: NonZeroU16) -> Self {
        self.ports.push((transport, port));
        self
    }

    /// The VIP, if it should have one.
    pub(super) fn vip(&self) -> Option<IpAddr> {
        match self.arrival {
            Arrival::Direct { vip } | Arrival::Tunnel { vip, .. } => Some(vip),
            Arrival::Masquerade { .. } => None,
        }
    }

    /// The VIP and the tunnel by which packets for it come, if they come by one.
    pub(super) fn by_tunnel(&self) -> Option<(IpAddr, Tunnel)> {
        match self.arrival {
            Arrival::Tunnel { vip, tunnel } => Some((vip, tunnel)),
            Arrival::Direct { .. } | Arrival::Masquerade { .. } => None,
        }
    }

    /// The command that makes a host one.
    pub(super) fn set_up(&self, device: &str) -> String {
        let vip = self.vip().map(|vip| format!(" --vip {vip}"));
        let tunnel = self.by_tunnel().map(|(_, tunnel)| {
            let local = tunnel.local_address();
            let local = local.map(|local| format!(" --local {local}"));
            let forward = typed(tunnel.decapsulation());
            format!(" --forward {forward}{}", local.unwrap_or_default())
        });
        format!(
            "ipvs-rs real-server up{} --device {device}{}",
            vip.unwrap_or_default(),
            tunnel.unwrap_or_default()
        )
    }
}

/// As the command line takes it.
fn typed(encapsulation: Decapsulation) -> String {
    match encapsulation {
        Decapsulation::Ipip => "ipip".to_owned(),
        Decapsulation::Gue { port } => format!("gue,port={port}"),
        Decapsulation::Gre { checksum } => match checksum {
            GreChecksum::None => "gre".to_owned(),
            GreChecksum::Full => "gre,csum".to_owned(),
        },
    }
}

impl fmt::Display for ExpectedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.arrival {
            Arrival::Direct { vip } => write!(f, "{vip} (direct)"),
            Arrival::Tunnel { vip, tunnel } => write!(f, "{vip} ({tunnel})"),
            Arrival::Masquerade { director } => write!(f, "the director {director} (masquerade)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_makes_it_names_all_that_is_known() {
        let vip = "10.10.10.100".parse().unwrap();
        let gue = Tunnel::gue(6080.try_into().unwrap()).local("fd00::12".parse().unwrap());
        let gre = Tunnel::gre(GreChecksum::Full);
        let up = "ipvs-rs real-server up --vip 10.10.10.100 --device eth0";
        for (expected, more) in [
            (ExpectedServer::direct(vip), ""),
            (
                ExpectedServer::tunnel(vip, Tunnel::ipip()),
                " --forward ipip",
            ),
            (
                ExpectedServer::tunnel(vip, gue),
                " --forward gue,port=6080 --local fd00::12",
            ),
            (ExpectedServer::tunnel(vip, gre), " --forward gre,csum"),
        ] {
            assert_eq!(expected.set_up("eth0"), format!("{up}{more}"));
        }
    }
}
