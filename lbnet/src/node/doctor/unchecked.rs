//! What the doctor does not look at.

use std::fmt;

use serde::Serialize;

use super::{
    examined::ExaminedRole,
    expected::{Forwarded, Replies},
    view::{Answers, HostView},
};

/// What was not looked at. A host that is healthy can still fail by one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unchecked {
    /// Rules that drop packets: on this host, and on the way.
    Firewalls,
    /// The hosts that a director sends clients to. Each can be examined there.
    RealServers,
    /// The director of a real server. It can be examined there.
    Director,
    /// Which way the replies of a masqueraded real server take: nobody named the director.
    Replies,
    /// Whether other hosts have the VIPs, and which real servers are there: asking the network takes
    /// `CAP_NET_RAW`.
    Neighbours,
    /// Whether a GUE listener is there: asking for them takes `CAP_NET_ADMIN`.
    Listeners,
    /// Which programs listen: the kernel's list could not be read.
    Programs,
}

impl Unchecked {
    /// What was left out of an examination in these roles.
    pub(super) fn of(view: &HostView, roles: &[ExaminedRole]) -> Vec<Self> {
        let is_director = roles
            .iter()
            .any(|it| matches!(it, ExaminedRole::Director { .. }));
        let servers = roles.iter().filter_map(|it| match it {
            ExaminedRole::RealServer(server) => Some(server),
            ExaminedRole::Director { .. } => None,
        });
        let servers: Vec<_> = servers.collect();
        let by_tunnel = servers.iter().any(|it| it.by_tunnel().is_some());
        let by_source_nat = Forwarded::Masqueraded {
            replies: Replies::ToDirector,
        };
        let parts = [
            (Self::Firewalls, !roles.is_empty()),
            (Self::RealServers, is_director),
            (Self::Director, !servers.is_empty() && !is_director),
            (
                Self::Replies,
                servers.iter().any(|it| it.forwarded == by_source_nat),
            ),
            (Self::Neighbours, matches!(view.answers, Answers::Denied)),
            (Self::Listeners, by_tunnel && view.listeners.is_none()),
            (
                Self::Programs,
                !servers.is_empty() && view.sockets.is_none(),
            ),
        ];
        let left_out = parts.into_iter().filter(|(_, is_left_out)| *is_left_out);
        left_out.map(|(part, _)| part).collect()
    }
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Firewalls => "firewalls",
            Self::RealServers => "the real servers themselves (run ipvs-rs doctor there)",
            Self::Director => "the director (run ipvs-rs doctor there)",
            Self::Replies => {
                "the way of replies (if the director is the gateway, name it with --gateway)"
            }
            Self::Neighbours => {
                "who else has the virtual IPs, and which real servers are up (needs CAP_NET_RAW)"
            }
            Self::Listeners => "GUE listeners (needs CAP_NET_ADMIN)",
            Self::Programs => "which programs listen (the list in /proc cannot be read)",
        })
    }
}
