//! What a real server should be like.

use std::{fmt, net::IpAddr, num::NonZeroU16};

use ipvs::Protocol;

use super::{
    remedy::{Open, Remedy},
    view::HostView,
};
use crate::{DeviceName, RealServer, ServerPlacement, SetUp, Tunnel};

/// What a host should be like to serve as a real server.
///
/// # Examples
/// ```
/// use ipvs::Protocol;
/// use lbnet::doctor::ExpectedServer;
///
/// let web = ExpectedServer::direct("192.0.2.100".parse()?)
///     .device("eth0".parse()?)
///     .port(Protocol::Tcp, "80".parse()?);
/// assert_eq!(web.to_string(), "192.0.2.100 (direct)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct ExpectedServer {
    pub(super) forwarded: Forwarded,
    pub(super) placement: ServerPlacement,
    pub(super) devices: Vec<DeviceName>,
    pub(super) ports: Vec<(Protocol, NonZeroU16)>,
}

/// How the director forwards clients' packets to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forwarded {
    Direct { vip: IpAddr },
    Tunnel { vip: IpAddr, tunnel: Tunnel },
    Masqueraded { replies: Replies },
}

/// How the replies of a masqueraded real server get to its director, which has to see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replies {
    /// On their way to the clients: the director with this address is the default gateway.
    Through(IpAddr),
    /// Addressed to the director, which replaces the clients' addresses by one of its own (source NAT).
    /// The default route may lead anywhere.
    ToDirector,
}

impl ExpectedServer {
    /// A real server with direct routing: it has the VIP.
    pub fn direct(vip: IpAddr) -> Self {
        Self::new(Forwarded::Direct { vip })
    }

    /// A real server that has the VIP, and receives clients' packets through a tunnel.
    pub fn tunnel(vip: IpAddr, tunnel: Tunnel) -> Self {
        Self::new(Forwarded::Tunnel { vip, tunnel })
    }

    /// A masqueraded real server: it has no VIP.
    pub fn masquerade(replies: Replies) -> Self {
        Self::new(Forwarded::Masqueraded { replies })
    }

    fn new(forwarded: Forwarded) -> Self {
        Self {
            forwarded,
            placement: ServerPlacement::default(),
            devices: Vec::new(),
            ports: Vec::new(),
        }
    }

    /// Sets where it should have the VIP, if not on `lo`.
    pub fn placement(self, placement: ServerPlacement) -> Self {
        Self { placement, ..self }
    }

    /// Adds a device on the clients' side. Without any, these are the devices in the VIP's network,
    /// else those with a default route, else those with an address of the VIP's family.
    pub fn device(mut self, device: DeviceName) -> Self {
        self.devices.push(device);
        self
    }

    /// Adds a port that it should serve. Without any, it should serve some port.
    pub fn port(mut self, protocol: Protocol, port: NonZeroU16) -> Self {
        self.ports.push((protocol, port));
        self
    }

    /// The same with the names that the kernel has for the devices, instead of alternative names.
    pub(super) fn named_as_in(mut self, view: &HostView) -> Self {
        for device in &mut self.devices {
            *device = view.current_name(device);
        }
        self
    }

    /// The VIP, if it should have one.
    pub(super) fn vip(&self) -> Option<IpAddr> {
        match self.forwarded {
            Forwarded::Direct { vip } | Forwarded::Tunnel { vip, .. } => Some(vip),
            Forwarded::Masqueraded { .. } => None,
        }
    }

    /// The VIP and the tunnel through which packets for it arrive, if they arrive through one.
    pub(super) fn by_tunnel(&self) -> Option<(IpAddr, Tunnel)> {
        match self.forwarded {
            Forwarded::Tunnel { vip, tunnel } => Some((vip, tunnel)),
            Forwarded::Direct { .. } | Forwarded::Masqueraded { .. } => None,
        }
    }

    /// What makes a host with this device on the clients' side such a server.
    pub(super) fn set_up(&self, device: Option<&DeviceName>) -> Remedy {
        let vip = self.vip();
        let tunnel = self.by_tunnel().map(|(_, tunnel)| tunnel);
        match (vip, device) {
            (Some(vip), Some(device)) => {
                let server = RealServer::new(vip, device.clone()).placement(self.placement);
                let server = match tunnel {
                    Some(tunnel) => server.tunnel(tunnel),
                    None => server,
                };
                Remedy::SetUp(SetUp::RealServer(server))
            }
            _ => Remedy::Open(Open::SetUpRealServer { vip, tunnel }),
        }
    }
}

impl From<&RealServer> for ExpectedServer {
    /// What [`RealServer::up`] makes of a host.
    fn from(server: &RealServer) -> Self {
        let expected = match server.incoming_tunnel() {
            Some(tunnel) => Self::tunnel(server.vip(), tunnel),
            None => Self::direct(server.vip()),
        };
        let expected = expected.placement(server.vip_placement());
        expected.device(server.device().clone())
    }
}

impl fmt::Display for ExpectedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.forwarded {
            Forwarded::Direct { vip } => write!(f, "{vip} (direct)"),
            Forwarded::Tunnel { vip, tunnel } => write!(f, "{vip} ({tunnel})"),
            Forwarded::Masqueraded { replies } => write!(f, "{replies} (masquerade)"),
        }
    }
}

impl Replies {
    /// The director that is the default gateway, if it has to be.
    pub(super) fn gateway(self) -> Option<IpAddr> {
        match self {
            Self::Through(director) => Some(director),
            Self::ToDirector => None,
        }
    }
}

impl fmt::Display for Replies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Through(director) => write!(f, "the director {director}"),
            Self::ToDirector => f.write_str("a director with source NAT"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_up_is_what_is_expected() {
        let vip = "10.10.10.100".parse().unwrap();
        let gue = Tunnel::gue(6080.try_into().unwrap()).local("fd00::12".parse().unwrap());
        let eth0: DeviceName = "eth0".parse().unwrap();
        for expected in [
            ExpectedServer::direct(vip),
            ExpectedServer::tunnel(vip, Tunnel::ipip()),
            ExpectedServer::tunnel(vip, gue),
            ExpectedServer::direct(vip).placement(ServerPlacement::Device),
        ] {
            let Remedy::SetUp(SetUp::RealServer(server)) = expected.set_up(Some(&eth0)) else {
                panic!("{expected}");
            };
            assert_eq!(ExpectedServer::from(&server), expected.device(eth0.clone()));
        }
    }

    #[test]
    fn the_device_is_for_the_operator_to_say_where_it_is_not_known() {
        let (vip, tunnel) = ("10.10.10.100".parse().unwrap(), Tunnel::ipip());
        let open = Open::SetUpRealServer {
            vip: Some(vip),
            tunnel: Some(tunnel),
        };
        let expected = ExpectedServer::tunnel(vip, tunnel);
        assert_eq!(expected.set_up(None), Remedy::Open(open));
    }
}
