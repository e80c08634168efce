//! Tunnel devices that decapsulate packets, as values.

use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

/// The configuration of a tunnel device, as far as it matters for decapsulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TunnelLink {
    /// The protocol and the IP family of the tunnel.
    pub kind: TunnelKind,
    /// The local endpoint: the address of this host that packets are sent to. Any address if it is
    /// `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<IpAddr>,
    /// The remote endpoint: the host that sends the packets. Any host if it is `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<IpAddr>,
    /// The packets that the tunnel carries.
    #[serde(default)]
    pub carries: Carried,
    /// Whether packets have a checksum. GRE drops packets that do not agree with this.
    #[serde(default)]
    pub checksum: GreChecksum,
    /// The key that packets must have. GRE only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<u32>,
}

/// A kind of tunnel device. Each kind belongs to a kernel module, which the kernel loads when the
/// first device of the kind is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TunnelKind {
    /// IPv4 in IPv4 (module `ipip`).
    Ipip,
    /// IPv6 in IPv4 (module `sit`).
    Sit,
    /// IPv4 or IPv6 in IPv6 (module `ip6_tunnel`).
    Ip6tnl,
    /// GRE in IPv4 (module `ip_gre`).
    Gre,
    /// GRE in IPv6 (module `ip6_gre`).
    Ip6gre,
}

/// The packets that a tunnel carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carried {
    /// IPv4 only.
    Ipv4,
    /// IPv6 only.
    Ipv6,
    /// IPv4 and IPv6.
    #[default]
    Both,
}

/// Whether GRE packets have a checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GreChecksum {
    /// Packets have no checksum.
    #[default]
    None,
    /// Packets have a checksum of the whole GRE packet.
    Full,
}

impl TunnelKind {
    /// Returns the kernel's name of the kind, as in `ip link add … type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ipip => "ipip",
            Self::Sit => "sit",
            Self::Ip6tnl => "ip6tnl",
            Self::Gre => "gre",
            Self::Ip6gre => "ip6gre",
        }
    }

    /// Returns the kernel module that implements the kind.
    pub fn module(self) -> &'static str {
        match self {
            Self::Ipip => "ipip",
            Self::Sit => "sit",
            Self::Ip6tnl => "ip6_tunnel",
            Self::Gre => "ip_gre",
            Self::Ip6gre => "ip6_gre",
        }
    }
}

impl TunnelLink {
    /// Describes a device that decapsulates packets sent to one address of this host, from any
    /// source.
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

    #[test]
    fn it_is_written_as_ip_link_add_takes_it() {
        let local = "fd00::3".parse().unwrap();
        let tunnel = TunnelLink::receiving(TunnelKind::Ip6tnl, local);
        assert_eq!(tunnel.to_string(), "ip6tnl mode any local fd00::3");
        let gre = TunnelLink::receiving(TunnelKind::Ip6gre, local).checksum(GreChecksum::Full);
        assert_eq!(gre.to_string(), "ip6gre local fd00::3 icsum");
    }
}
