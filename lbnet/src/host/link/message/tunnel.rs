//! Conversion between tunnels and netlink messages.

use crate::{Carried, GreChecksum, TunnelKind, TunnelLink};
use rtnetlink::packet_route::{
    IpProtocol,
    link::{GreIOFlags, InfoData, InfoGre, InfoGre6, InfoIpTunnel, InfoKind},
};
use std::net::IpAddr;

/// Converts a tunnel to the attributes that describe it to the kernel.
pub(super) fn info(tunnel: TunnelLink) -> (InfoKind, InfoData) {
    let flags = match tunnel.checksum {
        GreChecksum::None => GreIOFlags::empty(),
        GreChecksum::Full => GreIOFlags::Checksum,
    };
    let data = match tunnel.kind {
        TunnelKind::Gre => {
            let mut data = vec![InfoGre::IFlags(flags)];
            if let Some(IpAddr::V4(local)) = tunnel.local {
                data.push(InfoGre::Local(local));
            }
            if let Some(IpAddr::V4(remote)) = tunnel.remote {
                data.push(InfoGre::Remote(remote));
            }
            InfoData::GreTun(data)
        }
        TunnelKind::Ip6gre => {
            let mut data = vec![InfoGre6::IFlags(flags)];
            if let Some(IpAddr::V6(local)) = tunnel.local {
                data.push(InfoGre6::Local(local));
            }
            if let Some(IpAddr::V6(remote)) = tunnel.remote {
                data.push(InfoGre6::Remote(remote));
            }
            InfoData::GreTun6(data)
        }
        TunnelKind::Ipip | TunnelKind::Sit | TunnelKind::Ip6tnl => {
            let mut data = vec![InfoIpTunnel::Protocol(protocol(tunnel.carries))];
            data.extend(tunnel.local.map(InfoIpTunnel::Local));
            data.extend(tunnel.remote.map(InfoIpTunnel::Remote));
            InfoData::IpTunnel(data)
        }
    };
    (kind(tunnel.kind), data)
}

/// Parses the attributes of a device of this kind. Returns `None` if it is not a tunnel.
pub(super) fn parse(kind: &InfoKind, data: Option<&InfoData>) -> Option<TunnelLink> {
    let mut tunnel = TunnelLink {
        kind: known(kind)?,
        local: None,
        remote: None,
        carries: Carried::Both,
        checksum: GreChecksum::None,
        key: None,
    };
    let mut key = 0;
    match data {
        Some(InfoData::IpTunnel(data)) => data.iter().for_each(|part| match part {
            InfoIpTunnel::Local(ip) => tunnel.local = Some(*ip),
            InfoIpTunnel::Remote(ip) => tunnel.remote = Some(*ip),
            InfoIpTunnel::Protocol(protocol) => tunnel.carries = carried(*protocol),
            _ => {}
        }),
        Some(InfoData::GreTun(data)) => data.iter().for_each(|part| match part {
            InfoGre::Local(ip) => tunnel.local = Some((*ip).into()),
            InfoGre::Remote(ip) => tunnel.remote = Some((*ip).into()),
            InfoGre::IFlags(flags) => set_flags(&mut tunnel, *flags),
            InfoGre::IKey(number) => key = *number,
            _ => {}
        }),
        Some(InfoData::GreTun6(data)) => data.iter().for_each(|part| match part {
            InfoGre6::Local(ip) => tunnel.local = Some((*ip).into()),
            InfoGre6::Remote(ip) => tunnel.remote = Some((*ip).into()),
            InfoGre6::IFlags(flags) => set_flags(&mut tunnel, *flags),
            InfoGre6::IKey(number) => key = *number,
            _ => {}
        }),
        _ => {}
    }
    tunnel.key = tunnel.key.map(|_| key);
    // The kernel reports unset addresses as zeros.
    tunnel.local = tunnel.local.filter(|ip| !ip.is_unspecified());
    tunnel.remote = tunnel.remote.filter(|ip| !ip.is_unspecified());
    Some(tunnel)
}

/// Takes the flags. They say whether there is a key; the key itself is another attribute.
fn set_flags(tunnel: &mut TunnelLink, flags: GreIOFlags) {
    tunnel.checksum = checksum(flags);
    tunnel.key = flags.contains(GreIOFlags::Key).then_some(0);
}

fn kind(kind: TunnelKind) -> InfoKind {
    match kind {
        TunnelKind::Ipip => InfoKind::IpIp,
        TunnelKind::Sit => InfoKind::SitTun,
        TunnelKind::Ip6tnl => InfoKind::Ip6Tnl,
        TunnelKind::Gre => InfoKind::GreTun,
        TunnelKind::Ip6gre => InfoKind::GreTun6,
    }
}

fn known(name: &InfoKind) -> Option<TunnelKind> {
    [
        TunnelKind::Ipip,
        TunnelKind::Sit,
        TunnelKind::Ip6tnl,
        TunnelKind::Gre,
        TunnelKind::Ip6gre,
    ]
    .into_iter()
    .find(|known| kind(*known) == *name)
}

fn protocol(carried: Carried) -> IpProtocol {
    match carried {
        Carried::Ipv4 => IpProtocol::Ipip,
        Carried::Ipv6 => IpProtocol::Ipv6,
        // 0 means any protocol.
        Carried::Both => IpProtocol::Hopopts,
    }
}

fn carried(protocol: IpProtocol) -> Carried {
    match protocol {
        IpProtocol::Ipip => Carried::Ipv4,
        IpProtocol::Ipv6 => Carried::Ipv6,
        _ => Carried::Both,
    }
}

fn checksum(flags: GreIOFlags) -> GreChecksum {
    if flags.contains(GreIOFlags::Checksum) {
        GreChecksum::Full
    } else {
        GreChecksum::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(tunnel: TunnelLink) -> Option<TunnelLink> {
        let (kind, data) = info(tunnel);
        parse(&kind, Some(&data))
    }

    #[test]
    fn what_is_asked_for_is_read_back_the_same() {
        let (four, six) = ("10.0.0.3".parse().unwrap(), "fd00::3".parse().unwrap());
        for (kind, local) in [
            (TunnelKind::Ipip, four),
            (TunnelKind::Sit, four),
            (TunnelKind::Ip6tnl, six),
            (TunnelKind::Gre, four),
            (TunnelKind::Ip6gre, six),
        ] {
            let tunnel = TunnelLink::receiving(kind, local);
            assert_eq!(read_back(tunnel), Some(tunnel));
        }
        let summed = TunnelLink::receiving(TunnelKind::Gre, four).checksum(GreChecksum::Full);
        assert_eq!(read_back(summed), Some(summed));
    }

    #[test]
    fn an_address_of_zeros_is_any() {
        let any = [InfoIpTunnel::Local("0.0.0.0".parse().unwrap())];
        let data = InfoData::IpTunnel(any.to_vec());
        let tunnel = parse(&InfoKind::IpIp, Some(&data)).unwrap();
        assert_eq!((tunnel.local, tunnel.remote), (None, None));
    }

    #[test]
    fn what_is_no_tunnel_is_none() {
        assert_eq!(parse(&InfoKind::Veth, None), None);
    }
}
