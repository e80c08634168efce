//! Tunnel devices, which take packets out of packets.

use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

/// How a tunnel device is configured, as far as it matters to whom it takes packets apart for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
