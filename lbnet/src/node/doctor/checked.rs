//! What a host was checked as, in as few words as possible.

use std::{fmt, net::IpAddr};

use serde::{Serialize, Serializer};

use super::{
    examination::Diagnosis,
    examined::ExaminedRole,
    expected::{ExpectedServer, Forwarded, Replies},
};
use crate::{Role, Tunnel};

/// What a host was checked as, with all VIPs for which it is the same.
///
/// Shown in one line that stays short: `real server for 10.10.10.100, 10.10.10.101 and 8 more (direct)`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckedAs {
    /// The director for these VIPs; for none if all packets are balanced by their firewall mark.
    Director {
        /// The VIPs.
        vips: Vec<IpAddr>,
    },
    /// A real server with direct routing.
    Direct {
        /// The VIPs.
        vips: Vec<IpAddr>,
    },
    /// A real server that receives clients' packets through a tunnel.
    Tunnel {
        /// The VIPs.
        vips: Vec<IpAddr>,
        /// The tunnel.
        tunnel: Tunnel,
    },
    /// A masqueraded real server.
    Masqueraded {
        /// How the replies get to the director.
        replies: Replies,
    },
}

impl Diagnosis {
    /// What the host was checked as. All VIPs whose packets arrive in the same way are one entry.
    pub fn checked_as(&self) -> Vec<CheckedAs> {
        let mut all: Vec<CheckedAs> = Vec::new();
        for role in &self.roles {
            let new = CheckedAs::from(role);
            if !all.iter_mut().any(|it| it.takes(&new)) {
                all.push(new);
            }
        }
        all
    }
}

impl CheckedAs {
    /// Takes the VIPs of another entry if nothing else differs.
    fn takes(&mut self, other: &Self) -> bool {
        match (&mut *self, other) {
            (Self::Director { vips }, Self::Director { vips: more })
            | (Self::Direct { vips }, Self::Direct { vips: more }) => vips.extend(more),
            (
                Self::Tunnel { vips, tunnel },
                Self::Tunnel {
                    vips: more,
                    tunnel: same,
                },
            ) if tunnel == same => vips.extend(more),
            _ => return self == other,
        }
        true
    }

    /// The role.
    pub fn role(&self) -> Role {
        match self {
            Self::Director { .. } => Role::Director,
            Self::Direct { .. } | Self::Tunnel { .. } | Self::Masqueraded { .. } => {
                Role::RealServer
            }
        }
    }
}

impl From<&ExaminedRole> for CheckedAs {
    fn from(role: &ExaminedRole) -> Self {
        match role {
            ExaminedRole::Director { vips } => Self::Director { vips: vips.clone() },
            ExaminedRole::RealServer(expected) => expected.into(),
        }
    }
}

impl From<&ExpectedServer> for CheckedAs {
    fn from(expected: &ExpectedServer) -> Self {
        match expected.forwarded {
            Forwarded::Direct { vip } => Self::Direct { vips: vec![vip] },
            Forwarded::Tunnel { vip, tunnel } => Self::Tunnel {
                vips: vec![vip],
                tunnel,
            },
            Forwarded::Masqueraded { replies } => Self::Masqueraded { replies },
        }
    }
}

impl fmt::Display for CheckedAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Director { vips } if vips.is_empty() => f.write_str("director"),
            Self::Director { vips } => write!(f, "director for {}", Vips(vips)),
            Self::Direct { vips } => write!(f, "real server for {} (direct)", Vips(vips)),
            Self::Tunnel { vips, tunnel } => {
                write!(f, "real server for {} ({tunnel})", Vips(vips))
            }
            Self::Masqueraded { replies } => write!(f, "real server for {replies} (masquerade)"),
        }
    }
}

/// Addresses by name if they are few, the first two and a number if they are many.
struct Vips<'a>(&'a [IpAddr]);

impl fmt::Display for Vips<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [first, second, rest @ ..] if rest.len() > 1 => {
                write!(f, "{first}, {second} and {} more", rest.len())
            }
            few => {
                let few: Vec<_> = few.iter().map(IpAddr::to_string).collect();
                f.write_str(&few.join(", "))
            }
        }
    }
}

/// As data: the same keys for every role.
#[derive(Serialize)]
struct Fields<'a> {
    role: Role,
    vips: &'a [IpAddr],
    /// How packets arrive on a real server, as `forward` of a destination says it.
    forward: Option<&'static str>,
    tunnel: Option<Tunnel>,
    director: Option<IpAddr>,
}

impl Serialize for CheckedAs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (vips, forward): (&[IpAddr], _) = match self {
            Self::Director { vips } => (vips, None),
            Self::Direct { vips } => (vips, Some("direct")),
            Self::Tunnel { vips, .. } => (vips, Some("tunnel")),
            Self::Masqueraded { .. } => (&[], Some("masquerade")),
        };
        let mut fields = Fields {
            role: self.role(),
            vips,
            forward,
            tunnel: None,
            director: None,
        };
        match self {
            Self::Tunnel { tunnel, .. } => fields.tunnel = Some(*tunnel),
            Self::Masqueraded { replies } => fields.director = replies.gateway(),
            Self::Director { .. } | Self::Direct { .. } => {}
        }
        fields.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn vips(count: u8) -> Vec<IpAddr> {
        (0..count).map(|it| [10, 10, 10, it].into()).collect()
    }

    fn checked(roles: impl IntoIterator<Item = ExaminedRole>) -> Vec<CheckedAs> {
        let mut diagnosis = Diagnosis::default();
        diagnosis.roles.extend(roles);
        diagnosis.checked_as()
    }

    fn servers(expected: fn(IpAddr) -> ExpectedServer, count: u8) -> Vec<ExaminedRole> {
        let servers = vips(count).into_iter().map(expected);
        servers.map(ExaminedRole::RealServer).collect()
    }

    #[test]
    fn a_director_with_many_vips_is_named_in_a_short_line() {
        let said = |count| CheckedAs::Director { vips: vips(count) }.to_string();
        assert_eq!(said(0), "director");
        assert_eq!(said(1), "director for 10.10.10.0");
        assert_eq!(said(3), "director for 10.10.10.0, 10.10.10.1, 10.10.10.2");
        assert_eq!(
            said(200),
            "director for 10.10.10.0, 10.10.10.1 and 198 more"
        );
    }

    #[test]
    fn real_servers_whose_packets_arrive_in_the_same_way_are_one() {
        let tunnel = |vip| ExpectedServer::tunnel(vip, Tunnel::ipip());
        let roles = [ExaminedRole::Director { vips: vips(1) }];
        let roles = roles.into_iter().chain(servers(ExpectedServer::direct, 4));
        let roles = roles.chain(servers(tunnel, 2));
        let through = |_| ExpectedServer::masquerade(Replies::Through([10, 10, 20, 11].into()));
        let roles = roles.chain(servers(through, 2));
        let to_director = |_| ExpectedServer::masquerade(Replies::ToDirector);
        let checked = checked(roles.chain(servers(to_director, 2)));
        let said: Vec<_> = checked.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "director for 10.10.10.0",
                "real server for 10.10.10.0, 10.10.10.1 and 2 more (direct)",
                "real server for 10.10.10.0, 10.10.10.1 (IPIP)",
                "real server for the director 10.10.20.11 (masquerade)",
                "real server for a director with source NAT (masquerade)",
            ]
        );
    }

    #[test]
    fn as_data_every_role_has_the_same_keys() {
        let tunnel = |vip| ExpectedServer::tunnel(vip, Tunnel::ipip());
        let checked = checked(servers(tunnel, 1));
        assert_eq!(
            serde_json::to_value(checked).unwrap(),
            json!([{
                "role": "real-server", "vips": ["10.10.10.0"], "forward": "tunnel",
                "tunnel": {"type": "ipip"}, "director": null,
            }])
        );
    }
}
