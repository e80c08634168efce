//! The options of ipvsadm: one row for each, with its words, its value and its group.

use std::fmt;

/// An option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opt {
    Tcp,
    Udp,
    Sctp,
    Fwmark,
    Ipv6,
    Scheduler,
    Persistent,
    Netmask,
    Engine,
    OnePacket,
    SchedulerFlags,
    RealServer,
    Direct,
    Tunnel,
    Masquerade,
    Weight,
    UpperThreshold,
    LowerThreshold,
    TunnelType,
    TunnelPort,
    NoChecksum,
    Checksum,
    RemoteChecksum,
    SyncId,
    Interface,
    SyncGroup,
    SyncPort,
    SyncTtl,
    SyncLength,
    Numeric,
    Connections,
    Timeout,
    Daemon,
    Stats,
    Rate,
    Thresholds,
    PersistentConnections,
    TunnelInfo,
    NoSort,
    Sort,
    Exact,
}

/// Options that the same commands take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// What names a service.
    Service,
    /// The settings of a service.
    Scheduling,
    /// What names a destination.
    RealServer,
    /// The settings of a destination.
    Forwarding,
    SyncId,
    /// The settings of a sync daemon, without its ID.
    Sync,
    Numeric,
    /// What is listed, and how.
    Listing,
}

/// Whether a value follows the option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    None,
    Required,
    /// A following word is the value unless it begins with `-`.
    Optional,
}

pub(super) struct Definition {
    pub(super) opt: Opt,
    short: Option<char>,
    long: &'static str,
    pub(super) value: Value,
    pub(super) group: Group,
}

const fn row(
    opt: Opt,
    short: Option<char>,
    long: &'static str,
    value: Value,
    group: Group,
) -> Definition {
    Definition {
        opt,
        short,
        long,
        value,
        group,
    }
}

#[rustfmt::skip]
static OPTIONS: [Definition; 41] = [
    row(Opt::Tcp, Some('t'), "tcp-service", Value::Required, Group::Service),
    row(Opt::Udp, Some('u'), "udp-service", Value::Required, Group::Service),
    row(Opt::Sctp, None, "sctp-service", Value::Required, Group::Service),
    row(Opt::Fwmark, Some('f'), "fwmark-service", Value::Required, Group::Service),
    row(Opt::Ipv6, Some('6'), "ipv6", Value::None, Group::Service),
    row(Opt::Scheduler, Some('s'), "scheduler", Value::Required, Group::Scheduling),
    row(Opt::Persistent, Some('p'), "persistent", Value::Optional, Group::Scheduling),
    row(Opt::Netmask, Some('M'), "netmask", Value::Required, Group::Scheduling),
    row(Opt::Engine, None, "pe", Value::Required, Group::Scheduling),
    row(Opt::OnePacket, Some('o'), "ops", Value::None, Group::Scheduling),
    row(Opt::SchedulerFlags, Some('b'), "sched-flags", Value::Required, Group::Scheduling),
    row(Opt::RealServer, Some('r'), "real-server", Value::Required, Group::RealServer),
    row(Opt::Direct, Some('g'), "gatewaying", Value::None, Group::Forwarding),
    row(Opt::Tunnel, Some('i'), "ipip", Value::None, Group::Forwarding),
    row(Opt::Masquerade, Some('m'), "masquerading", Value::None, Group::Forwarding),
    row(Opt::Weight, Some('w'), "weight", Value::Required, Group::Forwarding),
    row(Opt::UpperThreshold, Some('x'), "u-threshold", Value::Required, Group::Forwarding),
    row(Opt::LowerThreshold, Some('y'), "l-threshold", Value::Required, Group::Forwarding),
    row(Opt::TunnelType, None, "tun-type", Value::Required, Group::Forwarding),
    row(Opt::TunnelPort, None, "tun-port", Value::Required, Group::Forwarding),
    row(Opt::NoChecksum, None, "tun-nocsum", Value::None, Group::Forwarding),
    row(Opt::Checksum, None, "tun-csum", Value::None, Group::Forwarding),
    row(Opt::RemoteChecksum, None, "tun-remcsum", Value::None, Group::Forwarding),
    row(Opt::SyncId, None, "syncid", Value::Required, Group::SyncId),
    row(Opt::Interface, None, "mcast-interface", Value::Required, Group::Sync),
    row(Opt::SyncGroup, None, "mcast-group", Value::Required, Group::Sync),
    row(Opt::SyncPort, None, "mcast-port", Value::Required, Group::Sync),
    row(Opt::SyncTtl, None, "mcast-ttl", Value::Required, Group::Sync),
    row(Opt::SyncLength, None, "sync-maxlen", Value::Required, Group::Sync),
    row(Opt::Numeric, Some('n'), "numeric", Value::None, Group::Numeric),
    row(Opt::Connections, Some('c'), "connection", Value::None, Group::Listing),
    row(Opt::Timeout, None, "timeout", Value::None, Group::Listing),
    row(Opt::Daemon, None, "daemon", Value::None, Group::Listing),
    row(Opt::Stats, None, "stats", Value::None, Group::Listing),
    row(Opt::Rate, None, "rate", Value::None, Group::Listing),
    row(Opt::Thresholds, None, "thresholds", Value::None, Group::Listing),
    row(Opt::PersistentConnections, None, "persistent-conn", Value::None, Group::Listing),
    row(Opt::TunnelInfo, None, "tun-info", Value::None, Group::Listing),
    row(Opt::NoSort, None, "nosort", Value::None, Group::Listing),
    row(Opt::Sort, None, "sort", Value::None, Group::Listing),
    row(Opt::Exact, Some('X'), "exact", Value::None, Group::Listing),
];

impl Definition {
    pub(super) fn short(letter: char) -> Option<&'static Self> {
        OPTIONS.iter().find(|row| row.short == Some(letter))
    }

    pub(super) fn long(word: &str) -> Option<&'static Self> {
        OPTIONS.iter().find(|row| row.long == word)
    }
}

/// The shortest word for the option.
impl fmt::Display for Opt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match OPTIONS.iter().find(|row| row.opt == *self) {
            Some(Definition {
                short: Some(letter),
                ..
            }) => write!(f, "-{letter}"),
            Some(Definition { long, .. }) => write!(f, "--{long}"),
            None => fmt::Debug::fmt(self, f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvsadm::command::Command;

    #[test]
    fn no_word_means_two_things() {
        for (place, row) in OPTIONS.iter().enumerate() {
            let others = OPTIONS.iter().skip(place + 1);
            for other in others {
                assert_ne!(row.long, other.long);
                assert_ne!(row.opt, other.opt);
                assert!(
                    row.short.is_none() || row.short != other.short,
                    "{}",
                    row.long
                );
            }
            assert_eq!(Command::long(row.long), None);
            assert_eq!(row.short.and_then(Command::short), None, "{}", row.long);
        }
    }
}
