//! The tunnel between a director and a real server.

mod mtu;

use std::{fmt, net::IpAddr, num::NonZeroU16};

use serde::{Deserialize, Serialize};

use crate::{DeviceName, GreChecksum, GueListener, NewLink, TunnelKind, TunnelLink};
#[cfg(feature = "node")]
pub(crate) use mtu::tcp_headers;
pub use mtu::{AdvertisedMss, TunnelMtu};

/// The tunnel by which a director sends packets to a real server.
///
/// The real server has a tunnel device that decapsulates packets sent to one of its own addresses.
/// This is the address by which the director knows the real server: the address of the destination
/// in IPVS. It determines the IP family of the outer packets, which may differ from that of the
/// VIP.
///
/// # Examples
/// ```
/// use lbnet::Tunnel;
///
/// let ipip = Tunnel::ipip();
/// let gue = Tunnel::gue("6080".parse()?).local("2001:db8::12".parse()?);
/// assert_eq!(gue.to_string(), "GUE on port 6080 to 2001:db8::12");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "TunnelForm", into = "TunnelForm")]
#[must_use]
pub struct Tunnel {
    decapsulation: Decapsulation,
    local: Option<IpAddr>,
}

/// The serde form of a tunnel, with the address beside the options of its kind. `flatten` would
/// give the same form but accept unknown keys.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum TunnelForm {
    Ipip {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        local: Option<IpAddr>,
    },
    Gue {
        port: NonZeroU16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        local: Option<IpAddr>,
    },
    Gre {
        #[serde(default)]
        checksum: GreChecksum,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        local: Option<IpAddr>,
    },
}

impl From<TunnelForm> for Tunnel {
    fn from(form: TunnelForm) -> Self {
        let (decapsulation, local) = match form {
            TunnelForm::Ipip { local } => (Decapsulation::Ipip, local),
            TunnelForm::Gue { port, local } => (Decapsulation::Gue { port }, local),
            TunnelForm::Gre { checksum, local } => (Decapsulation::Gre { checksum }, local),
        };
        Self {
            decapsulation,
            local,
        }
    }
}

impl From<Tunnel> for TunnelForm {
    fn from(tunnel: Tunnel) -> Self {
        let local = tunnel.local;
        match tunnel.decapsulation {
            Decapsulation::Ipip => Self::Ipip { local },
            Decapsulation::Gue { port } => Self::Gue { port, local },
            Decapsulation::Gre { checksum } => Self::Gre { checksum, local },
        }
    }
}

/// How a real server decapsulates packets.
///
/// A director may send GUE packets with a checksum or a remote checksum, and real servers accept
/// all of them. This type therefore has fewer options than the director's side of the same tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Decapsulation {
    /// IP in IP (IPIP).
    Ipip,
    /// Generic UDP encapsulation (GUE).
    Gue {
        /// The UDP port that packets are sent to.
        port: NonZeroU16,
    },
    /// Generic routing encapsulation (GRE).
    Gre {
        /// Whether packets have a checksum. Packets that do not agree with this are dropped.
        #[serde(default)]
        checksum: GreChecksum,
    },
}

impl Tunnel {
    /// Creates a tunnel of any kind.
    pub fn new(decapsulation: Decapsulation) -> Self {
        Self {
            decapsulation,
            local: None,
        }
    }

    /// Creates an IPIP tunnel.
    pub fn ipip() -> Self {
        Self::new(Decapsulation::Ipip)
    }

    /// Creates a GUE tunnel to a UDP port.
    pub fn gue(port: NonZeroU16) -> Self {
        Self::new(Decapsulation::Gue { port })
    }

    /// Creates a GRE tunnel, with checksums or without.
    pub fn gre(checksum: GreChecksum) -> Self {
        Self::new(Decapsulation::Gre { checksum })
    }

    /// Sets the tunnel endpoint: the address of the real server that packets are sent to. Without
    /// it, the device on the clients' side must have exactly one address of the VIP's family, which
    /// is then used.
    pub fn local(self, address: IpAddr) -> Self {
        Self {
            local: Some(address),
            ..self
        }
    }

    /// Returns how the real server decapsulates packets.
    pub fn decapsulation(self) -> Decapsulation {
        self.decapsulation
    }

    /// Returns the tunnel endpoint, if it was set.
    pub fn local_address(self) -> Option<IpAddr> {
        self.local
    }

    /// Returns the tunnel device that decapsulates packets for `vip` sent to `local`.
    pub fn link(self, vip: IpAddr, local: IpAddr) -> NewLink {
        let (kind, checksum) = match self.decapsulation {
            // A packet decapsulated from GUE is the same IPIP packet as without GUE.
            Decapsulation::Ipip | Decapsulation::Gue { .. } => {
                let kind = match (local, vip) {
                    (IpAddr::V4(_), IpAddr::V4(_)) => TunnelKind::Ipip,
                    (IpAddr::V4(_), IpAddr::V6(_)) => TunnelKind::Sit,
                    (IpAddr::V6(_), _) => TunnelKind::Ip6tnl,
                };
                (kind, GreChecksum::None)
            }
            Decapsulation::Gre { checksum } => match local {
                IpAddr::V4(_) => (TunnelKind::Gre, checksum),
                IpAddr::V6(_) => (TunnelKind::Ip6gre, checksum),
            },
        };
        let tunnel = TunnelLink::receiving(kind, local).checksum(checksum);
        NewLink::tunnel(device_name(kind), tunnel)
    }

    /// Returns the listener for packets sent to `local`, if the tunnel needs one.
    pub fn listener(self, local: IpAddr) -> Option<GueListener> {
        match self.decapsulation {
            Decapsulation::Gue { port } => Some(GueListener::new(port, local.into())),
            Decapsulation::Ipip | Decapsulation::Gre { .. } => None,
        }
    }

    /// Returns the number of bytes that the tunnel adds to a client's packet. A packet that no
    /// longer fits must be fragmented by the client.
    pub fn overhead(self, local: IpAddr) -> u32 {
        let outer = match local {
            IpAddr::V4(_) => 20,
            IpAddr::V6(_) => 40,
        };
        outer
            + match self.decapsulation {
                Decapsulation::Ipip => 0,
                // A UDP header, a GUE header, and the two parts of a remote checksum.
                Decapsulation::Gue { .. } => 8 + 4 + 8,
                Decapsulation::Gre {
                    checksum: GreChecksum::None,
                } => 4,
                Decapsulation::Gre {
                    checksum: GreChecksum::Full,
                } => 8,
            }
    }
}

/// Returns the name of this crate's tunnel device of a kind.
fn device_name(kind: TunnelKind) -> DeviceName {
    DeviceName::from_kernel(format!("ipvs-{}", kind.name()))
}

impl fmt::Display for Decapsulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipip => f.write_str("IPIP"),
            Self::Gue { port } => write!(f, "GUE on port {port}"),
            Self::Gre {
                checksum: GreChecksum::None,
            } => f.write_str("GRE"),
            Self::Gre {
                checksum: GreChecksum::Full,
            } => f.write_str("GRE with checksums"),
        }
    }
}

impl fmt::Display for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.decapsulation)?;
        match self.local {
            Some(local) => write!(f, " to {local}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(tunnel: Tunnel, vip: &str, local: &str) -> String {
        tunnel
            .link(vip.parse().unwrap(), local.parse().unwrap())
            .to_string()
    }

    #[test]
    fn the_device_follows_from_the_families_inside_and_outside() {
        let (ipip, gue) = (Tunnel::ipip(), Tunnel::gue(6080.try_into().unwrap()));
        for tunnel in [ipip, gue] {
            let link = |vip, local| link(tunnel, vip, local);
            assert_eq!(
                link("10.0.0.100", "10.0.0.3"),
                "ipvs-ipip (ipip local 10.0.0.3)"
            );
            assert_eq!(
                link("fd00::100", "10.0.0.3"),
                "ipvs-sit (sit local 10.0.0.3)"
            );
            let six = "ipvs-ip6tnl (ip6tnl mode any local fd00::3)";
            assert_eq!(link("10.0.0.100", "fd00::3"), six);
            assert_eq!(link("fd00::100", "fd00::3"), six);
        }
        let gre = Tunnel::gre(GreChecksum::Full);
        assert_eq!(
            link(gre, "fd00::100", "10.0.0.3"),
            "ipvs-gre (gre local 10.0.0.3 icsum)"
        );
        assert_eq!(
            link(gre, "10.0.0.100", "fd00::3"),
            "ipvs-ip6gre (ip6gre local fd00::3 icsum)"
        );
    }

    #[test]
    fn unknown_keys_are_refused() {
        for text in [
            r#"{"type":"ipip","port":6080}"#,
            r#"{"type":"gue","port":6080,"locla":"10.0.0.3"}"#,
            r#"{"type":"gre","sum":"full"}"#,
        ] {
            assert!(serde_json::from_str::<Tunnel>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn it_is_written_as_the_file_writes_destinations() {
        let text = r#"{"type":"gue","port":6080,"local":"10.0.0.3"}"#;
        let tunnel: Tunnel = serde_json::from_str(text).unwrap();
        let gue = Tunnel::gue(6080.try_into().unwrap());
        assert_eq!(tunnel, gue.local("10.0.0.3".parse().unwrap()));
        assert_eq!(serde_json::to_string(&tunnel).unwrap(), text);
        let gre: Tunnel = serde_json::from_str(r#"{"type":"gre","checksum":"full"}"#).unwrap();
        assert_eq!(gre, Tunnel::gre(GreChecksum::Full));
    }
}
