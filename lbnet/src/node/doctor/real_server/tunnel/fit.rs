//! Whether a tunnel device takes packets such as come.

use std::net::IpAddr;

use crate::{
    Carried, Decapsulation, GreChecksum, GueListener, NewLinkKind, TunnelLink,
    node::doctor::{ExpectedServer, view::HostView},
};

/// What a device must be like.
#[derive(Debug)]
pub(super) struct Needed<'a> {
    view: &'a HostView,
    vip: IpAddr,
    local: Option<IpAddr>,
    /// The device that a set-up would add.
    pub(super) device: TunnelLink,
    pub(super) encapsulation: Decapsulation,
    pub(super) listener: Option<GueListener>,
}

/// Why a device will not do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is for something else altogether.
    OtherKind,
    /// It is of the right kind, and has been told to take others only.
    Mode(String),
}

impl<'a> Needed<'a> {
    pub(super) fn by(view: &'a HostView, expected: &ExpectedServer) -> Option<Self> {
        let (vip, tunnel) = expected.by_tunnel()?;
        // Only its family matters.
        let end = tunnel.local_address().unwrap_or(vip);
        let NewLinkKind::Tunnel(device) = tunnel.link(vip, end).kind else {
            return None;
        };
        Some(Self {
            view,
            vip,
            local: tunnel.local_address(),
            device,
            encapsulation: tunnel.decapsulation(),
            listener: tunnel.listener(end),
        })
    }

    /// What is in the way, if anything is.
    pub(super) fn unfit(&self, device: &TunnelLink) -> Option<Unfit> {
        if device.kind != self.device.kind {
            return Some(Unfit::OtherKind);
        }
        let reasons = [
            self.carries(device),
            self.checksum(device),
            self.ends(device),
        ];
        reasons.into_iter().flatten().next().map(Unfit::Mode)
    }

    fn carries(&self, device: &TunnelLink) -> Option<String> {
        match (device.carries, self.vip) {
            (Carried::Ipv4, IpAddr::V6(_)) => Some("takes only packets of IPv4 out".to_owned()),
            (Carried::Ipv6, IpAddr::V4(_)) => Some("takes only packets of IPv6 out".to_owned()),
            _ => None,
        }
    }

    /// GRE drops what has a checksum where none is expected, and the other way round.
    fn checksum(&self, device: &TunnelLink) -> Option<String> {
        (device.checksum != self.device.checksum).then(|| match device.checksum {
            GreChecksum::None => "drops GRE packets with checksums (it has no icsum)".to_owned(),
            GreChecksum::Full => "drops GRE packets without checksums (it has icsum)".to_owned(),
        })
    }

    fn ends(&self, device: &TunnelLink) -> Option<String> {
        if let Some(remote) = device.remote {
            return Some(format!("takes only packets from {remote}"));
        }
        let local = device.local?;
        let fits = match self.local {
            Some(wanted) => local == wanted,
            None => self.view.carriers(local).next().is_some(),
        };
        (!fits).then(|| format!("takes only packets to {local}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tunnel, TunnelKind, node::doctor::view::tests::address};

    const LOCAL: &str = "10.10.10.12";

    fn unfit(tunnel: Tunnel, vip: &str, device: TunnelLink) -> Option<String> {
        let view = HostView {
            addresses: vec![address("10.10.10.12/24", "eth0")],
            ..HostView::default()
        };
        let expected = ExpectedServer::tunnel(vip.parse().unwrap(), tunnel);
        let needed = Needed::by(&view, &expected).unwrap();
        needed.unfit(&device).map(|unfit| match unfit {
            Unfit::OtherKind => "other kind".to_owned(),
            Unfit::Mode(reason) => reason,
        })
    }

    fn device(kind: TunnelKind) -> TunnelLink {
        TunnelLink::receiving(kind, LOCAL.parse().unwrap())
    }

    #[test]
    fn what_is_made_for_an_address_or_for_all_will_do() {
        let mut fallback = device(TunnelKind::Ipip);
        fallback.local = None;
        assert_eq!(unfit(Tunnel::ipip(), "10.10.10.100", fallback), None);
        let own = device(TunnelKind::Ipip);
        assert_eq!(unfit(Tunnel::ipip(), "10.10.10.100", own), None);
        let gue = Tunnel::gue(6080.try_into().unwrap());
        assert_eq!(unfit(gue, "10.10.10.100", own), None);
        assert_eq!(
            unfit(Tunnel::ipip(), "10.10.10.100", device(TunnelKind::Gre)),
            Some("other kind".to_owned())
        );
    }

    #[test]
    fn the_default_device_for_ipv6_takes_no_ipv4_out() {
        let mut ip6tnl0 = device(TunnelKind::Ip6tnl);
        (ip6tnl0.local, ip6tnl0.carries) = (None, Carried::Ipv6);
        let ipip = Tunnel::ipip().local("fd00::12".parse().unwrap());
        assert_eq!(
            unfit(ipip, "10.10.10.100", ip6tnl0),
            Some("takes only packets of IPv6 out".to_owned())
        );
        assert_eq!(unfit(ipip, "fd00::100", ip6tnl0), None);
    }

    #[test]
    fn checksums_and_addresses_must_be_those_that_come() {
        let gre = device(TunnelKind::Gre);
        let with = Tunnel::gre(GreChecksum::Full);
        assert_eq!(
            unfit(with, "10.10.10.100", gre),
            Some("drops GRE packets with checksums (it has no icsum)".to_owned())
        );
        assert_eq!(
            unfit(with, "10.10.10.100", gre.checksum(GreChecksum::Full)),
            None
        );
        let mut point_to_point = device(TunnelKind::Ipip);
        point_to_point.remote = Some("10.9.9.9".parse().unwrap());
        assert_eq!(
            unfit(Tunnel::ipip(), "10.10.10.100", point_to_point),
            Some("takes only packets from 10.9.9.9".to_owned())
        );
        let mut other = device(TunnelKind::Ipip);
        other.local = Some("10.9.9.9".parse().unwrap());
        assert_eq!(
            unfit(Tunnel::ipip(), "10.10.10.100", other),
            Some("takes only packets to 10.9.9.9".to_owned())
        );
    }
}
