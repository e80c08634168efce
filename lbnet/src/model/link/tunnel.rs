//! Tunnel devices, which take packets out of packets.

use std::{fmt, net::IpAddr};

use rtnetlink::packet_route::{
    IpProtocol,
    link::{GreIOFlags, InfoData, InfoGre, InfoGre6, InfoIpTunnel, InfoKind},
};
use serde::{Deserialize, Serialize};

/// How a tunnel device is configured, as far as it matters to whom it takes packets apart for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TunnelLink {
    /// By what protocol packets come, and in which family.
    pub kind: TunnelKind,
    /// The address of this host that they come to; any if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<IpAddr>,
    /// The host that they come from; any if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<IpAddr>,
    /// Which packets may be inside.
    #[serde(default)]
    pub carries: Carried,
    /// Whether packets must have a checksum, or must have none: GRE drops what is otherwise.
    #[serde(default)]
    pub checksum: GreChecksum,
    /// The number that packets must have; GRE only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<u32>,
}

/// A kind of tunnel device. Each is a kernel module, which is loaded when the first one is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TunnelKind {
    /// IPv4 in IPv4 (module `ipip`).
    Ipip,
    /// IPv6 in IPv4 (module `sit`).
    Sit,
    /// Both in IPv6 (module `ip6_tunnel`).
    Ip6tnl,
    /// GRE in IPv4 (module `ip_gre`).
    Gre,
    /// GRE in IPv6 (module `ip6_gre`).
    Ip6gre,
}

/// Which packets may be inside a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carried {
    /// IPv4 alone.
    Ipv4,
    /// IPv6 alone.
    Ipv6,
    /// Both.
    #[default]
    Both,
}

/// Whether GRE packets have a checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GreChecksum {
    /// They have none.
    #[default]
    None,
    /// They have one, of the whole GRE packet.
    Full,
}

impl TunnelKind {
    /// The kernel's name of it, as after `ip link add … type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ipip => "ipip",
            Self::Sit => "sit",
            Self::Ip6tnl => "ip6tnl",
            Self::Gre => "gre",
            Self::Ip6gre => "ip6gre",
        }
    }

    /// The kernel module that has it.
    pub fn module(self) -> &'static str {
        match self {
            Self::Ipip => "ipip",
            Self::Sit => "sit",
            Self::Ip6tnl => "ip6_tunnel",
            Self::Gre => "ip_gre",
            Self::Ip6gre => "ip6_gre",
        }
    }

    fn info_kind(self) -> InfoKind {
        match self {
            Self::Ipip => InfoKind::IpIp,
            Self::Sit => InfoKind::SitTun,
            Self::Ip6tnl => InfoKind::Ip6Tnl,
            Self::Gre => InfoKind::GreTun,
            Self::Ip6gre => InfoKind::GreTun6,
        }
    }

    fn of(kind: &InfoKind) -> Option<Self> {
        [Self::Ipip, Self::Sit, Self::Ip6tnl, Self::Gre, Self::Ip6gre]
            .into_iter()
            .find(|known| known.info_kind() == *kind)
    }
}

impl TunnelLink {
    /// A device that takes apart what comes to one address of this host, from anywhere.
    pub fn receiving(kind: TunnelKind, local: IpAddr) -> Self {
        Self {
            kind,
            local: Some(local),
            remote: None,
            carries: match kind {
                TunnelKind::Ipip => Carried::Ipv4,
                TunnelKind::Sit => Carried::Ipv6,
                TunnelKind::Ip6tnl | TunnelKind::Gre | TunnelKind::Ip6gre => Carried::Both,
            },
            checksum: GreChecksum::None,
            key: None,
        }
    }

    /// Sets whether packets must have a checksum. GRE only.
    #[must_use]
    pub fn checksum(self, checksum: GreChecksum) -> Self {
        Self { checksum, ..self }
    }

    pub(crate) fn to_info(self) -> (InfoKind, InfoData) {
        let flags = match self.checksum {
            GreChecksum::None => GreIOFlags::empty(),
            GreChecksum::Full => GreIOFlags::Checksum,
        };
        let data = match self.kind {
            TunnelKind::Gre => {
                let mut data = vec![InfoGre::IFlags(flags)];
                if let Some(IpAddr::V4(local)) = self.local {
                    data.push(InfoGre::Local(local));
                }
                if let Some(IpAddr::V4(remote)) = self.remote {
                    data.push(InfoGre::Remote(remote));
                }
                InfoData::GreTun(data)
            }
            TunnelKind::Ip6gre => {
                let mut data = vec![InfoGre6::IFlags(flags)];
                if let Some(IpAddr::V6(local)) = self.local {
                    data.push(InfoGre6::Local(local));
                }
                if let Some(IpAddr::V6(remote)) = self.remote {
                    data.push(InfoGre6::Remote(remote));
                }
                InfoData::GreTun6(data)
            }
            TunnelKind::Ipip | TunnelKind::Sit | TunnelKind::Ip6tnl => {
                let mut data = vec![InfoIpTunnel::Protocol(self.carries.into())];
                data.extend(self.local.map(InfoIpTunnel::Local));
                data.extend(self.remote.map(InfoIpTunnel::Remote));
                InfoData::IpTunnel(data)
            }
        };
        (self.kind.info_kind(), data)
    }

    /// Reads what the kernel says of a device of this kind; none if it is no tunnel.
    pub(crate) fn from_info(kind: &InfoKind, data: Option<&InfoData>) -> Option<Self> {
        let mut tunnel = Self {
            kind: TunnelKind::of(kind)?,
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
                InfoIpTunnel::Protocol(protocol) => tunnel.carries = (*protocol).into(),
                _ => {}
            }),
            Some(InfoData::GreTun(data)) => data.iter().for_each(|part| match part {
                InfoGre::Local(ip) => tunnel.local = Some((*ip).into()),
                InfoGre::Remote(ip) => tunnel.remote = Some((*ip).into()),
                InfoGre::IFlags(flags) => tunnel.set_flags(*flags),
                InfoGre::IKey(number) => key = *number,
                _ => {}
            }),
            Some(InfoData::GreTun6(data)) => data.iter().for_each(|part| match part {
                InfoGre6::Local(ip) => tunnel.local = Some((*ip).into()),
                InfoGre6::Remote(ip) => tunnel.remote = Some((*ip).into()),
                InfoGre6::IFlags(flags) => tunnel.set_flags(*flags),
                InfoGre6::IKey(number) => key = *number,
                _ => {}
            }),
            _ => {}
        }
        tunnel.key = tunnel.key.map(|_| key);
        // Unset addresses are read as zeros.
        tunnel.local = tunnel.local.filter(|ip| !ip.is_unspecified());
        tunnel.remote = tunnel.remote.filter(|ip| !ip.is_unspecified());
        Some(tunnel)
    }

    /// Whether there is a key stands with the flags, the key elsewhere.
    fn set_flags(&mut self, flags: GreIOFlags) {
        self.checksum = flags.into();
        self.key = flags.contains(GreIOFlags::Key).then_some(0);
    }
}

impl From<Carried> for IpProtocol {
    fn from(carried: Carried) -> Self {
        match carried {
            Carried::Ipv4 => Self::Ipip,
            Carried::Ipv6 => Self::Ipv6,
            // 0: whatever is inside.
            Carried::Both => Self::Hopopts,
        }
    }
}

impl From<IpProtocol> for Carried {
    fn from(protocol: IpProtocol) -> Self {
        match protocol {
            IpProtocol::Ipip => Self::Ipv4,
            IpProtocol::Ipv6 => Self::Ipv6,
            _ => Self::Both,
        }
    }
}

impl From<GreIOFlags> for GreChecksum {
    fn from(flags: GreIOFlags) -> Self {
        if flags.contains(GreIOFlags::Checksum) {
            Self::Full
        } else {
            Self::None
        }
    }
}

impl fmt::Display for TunnelLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        match self.carries {
            _ if self.kind != TunnelKind::Ip6tnl => {}
            Carried::Ipv4 => write!(f, " mode ipip6")?,
            Carried::Ipv6 => write!(f, " mode ip6ip6")?,
            Carried::Both => write!(f, " mode any")?,
        }
        if let Some(local) = self.local {
            write!(f, " local {local}")?;
        }
        if let Some(remote) = self.remote {
            write!(f, " remote {remote}")?;
        }
        if let Some(key) = self.key {
            write!(f, " ikey {key}")?;
        }
        match self.checksum {
            GreChecksum::None => Ok(()),
            GreChecksum::Full => write!(f, " icsum"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(tunnel: TunnelLink) -> Option<TunnelLink> {
        let (kind, data) = tunnel.to_info();
        TunnelLink::from_info(&kind, Some(&data))
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
        let tunnel = TunnelLink::from_info(&InfoKind::IpIp, Some(&data)).unwrap();
        assert_eq!((tunnel.local, tunnel.remote), (None, None));
    }

    #[test]
    fn what_is_no_tunnel_is_none() {
        assert_eq!(TunnelLink::from_info(&InfoKind::Veth, None), None);
    }

    #[test]
    fn it_is_written_as_ip_link_add_takes_it() {
        let local = "fd00::3".parse().unwrap();
        let tunnel = TunnelLink::receiving(TunnelKind::Ip6tnl, local);
        assert_eq!(tunnel.to_string(), "ip6tnl mode any local fd00::3");
        let gre = TunnelLink::receiving(TunnelKind::Ip6gre, local).checksum(GreChecksum::Full);
        assert_eq!(gre.to_string(), "ip6gre local fd00::3 icsum");
    }
}
