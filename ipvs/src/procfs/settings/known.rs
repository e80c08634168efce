//! Every setting of Linux up to 7.2, one line each: name, type, default, range, since when.

use std::borrow::Cow;
use std::time::Duration;

use super::{ConnectionReuse, Defense, Description, Setting, SyncThreshold, Value};

/// Declares settings, and what is known of them as text.
///
/// A line reads `CONSTANT: type = "name", default …, range …, since …;`. What is left out is not
/// fixed, not limited, or older than IPVS's netlink.
macro_rules! settings {
    ($(
        #[doc = $meaning:literal]
        $(#[doc = $more:literal])*
        $constant:ident: $type:ty = $name:literal
            $(, default $default:expr)? $(, range $range:expr)? $(, since $since:literal)?;
    )+) => {
        $(
            #[doc = concat!("`net.ipv4.vs.", $name, "`:", $meaning)]
            $(#[doc = $more])*
            ///
            /// # Kernel
            #[doc = concat!("`/proc/sys/net/ipv4/vs/", $name, "`")]
            $(#[doc = concat!(", since ", $since)])?
            $(#[doc = concat!(", default `", stringify!($default), "`")])?
            $(#[doc = concat!(", range `", stringify!($range), "`")])?
            #[doc = "."]
            #[doc(alias = $name)]
            pub const $constant: Setting<$type> = Setting {
                name: Cow::Borrowed($name),
                default: if_any!($($default)?),
                range: if_any!($($range)?),
                since: if_any!($($since)?),
            };
        )+

        /// What is known of every setting, by name.
        pub fn descriptions() -> Vec<Description> {
            vec![$(
                Description {
                    name: $name,
                    meaning: concat!($meaning, $($more),*).trim(),
                    default: $constant.default().map(Value::write),
                    range: $constant.range().cloned(),
                    since: $constant.since(),
                },
            )+]
        }
    };
}

/// What is known of the setting of this name.
pub fn description(name: &str) -> Option<Description> {
    descriptions().into_iter().find(|known| known.name == name)
}

macro_rules! if_any {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

settings! {
    /// While memory is short, one packet of this many is dropped (`drop_packet`).
    AM_DROPRATE: i32 = "am_droprate", default 10;
    /// Below this many free pages memory is short, for the automatic defenses.
    AMEMTHRESH: i32 = "amemthresh", default 1024;
    /// A director that is a backup leaves packets alone: two directors that are each other's real
    /// servers would send them back and forth.
    BACKUP_ONLY: bool = "backup_only", default false, since "3.9";
    /// Packets of a mark go to where they were going when no destination is available: for
    /// transparent caches.
    CACHE_BYPASS: bool = "cache_bypass", default false;
    /// How full the connection table may be before it grows, as a power of two.
    CONN_LFACTOR: i32 = "conn_lfactor", default -4, range -8..=8, since "7.1";
    /// How many connections there may be. The default and the limit depend on the machine.
    CONN_MAX: u32 = "conn_max", since "7.2";
    /// What becomes of a client that reuses the port of a connection that is still remembered.
    CONN_REUSE_MODE: ConnectionReuse = "conn_reuse_mode", default ConnectionReuse::RESCHEDULE, since "4.1";
    /// netfilter remembers connections of IPVS as well, so that rules can look at their state and
    /// masquerade them. Costs speed. Only in kernels built with it.
    CONNTRACK: bool = "conntrack", default false, since "2.6.37";
    /// How much the kernel logs of its decisions. Only in kernels built with it, one for all network
    /// namespaces.
    DEBUG_LEVEL: i32 = "debug_level", default 0;
    /// Connections in doubtful states are forgotten at random.
    DROP_ENTRY: Defense = "drop_entry", default Defense::Off;
    /// Packets are dropped, one of `am_droprate`.
    DROP_PACKET: Defense = "drop_packet", default Defense::Off;
    /// On which CPUs statistics are made, as in `0-3,8`. On none, statistics freeze. The default
    /// depends on the machine.
    EST_CPULIST: String = "est_cpulist", since "6.2";
    /// With which priority statistics are made; 19 is the lowest.
    EST_NICE: i32 = "est_nice", default 0, range -20..=19, since "6.2";
    /// A connection whose destination was deleted ends at its next packet. Otherwise its packets are
    /// dropped until it expires, or the destination comes back.
    EXPIRE_NODEST_CONN: bool = "expire_nodest_conn", default false;
    /// A persistent client whose destination has weight 0 goes to another one. Otherwise it is sent
    /// there again and again, and a destination with such clients is never drained.
    EXPIRE_QUIESCENT_TEMPLATE: bool = "expire_quiescent_template", default false;
    /// Packets of tunnels that belong to no connection are not scheduled.
    IGNORE_TUNNELED: bool = "ignore_tunneled", default false, since "4.4";
    /// How long scheduler `lblc` remembers an address that nobody asked for. Only while `ip_vs_lblc`
    /// is loaded.
    LBLC_EXPIRATION: Duration = "lblc_expiration", default Duration::from_secs(24 * 60 * 60);
    /// How long scheduler `lblcr` remembers an address that nobody asked for. Only while
    /// `ip_vs_lblcr` is loaded.
    LBLCR_EXPIRATION: Duration = "lblcr_expiration", default Duration::from_secs(24 * 60 * 60);
    /// A masqueraded destination is told that its packet belongs to no connection.
    NAT_ICMP_SEND: bool = "nat_icmp_send", default false;
    /// A packet that is too large for a tunnel is refused, so that its sender learns the size.
    /// Otherwise it is sent in pieces.
    PMTU_DISC: bool = "pmtu_disc", default true, since "3.7";
    /// Statistics are made. Otherwise they freeze, counters too.
    RUN_ESTIMATION: bool = "run_estimation", default true, since "5.16";
    /// ICMP errors that belong to no connection are scheduled like the packet that they are about.
    SCHEDULE_ICMP: bool = "schedule_icmp", default false, since "4.4";
    /// TCP connections are remembered for a shorter time while they are not established.
    SECURE_TCP: Defense = "secure_tcp", default Defense::Off;
    /// Any SCTP packet begins a connection: for a director that takes over from another.
    SLOPPY_SCTP: bool = "sloppy_sctp", default false, since "3.11";
    /// Any TCP packet begins a connection: for a director that takes over from another, with direct
    /// routing or tunnels.
    SLOPPY_TCP: bool = "sloppy_tcp", default false, since "3.11";
    /// Answers of masqueraded destinations are routed anew, as if the director had sent them.
    SNAT_REROUTE: bool = "snat_reroute", default true, since "2.6.37";
    /// How full the service table may be before it grows, as a power of two.
    SVC_LFACTOR: i32 = "svc_lfactor", default -3, range -8..=8, since "7.1";
    /// Of persistent services the master tells the templates alone.
    SYNC_PERSIST_MODE: bool = "sync_persist_mode", default false, since "3.12";
    /// With how many threads, each on a port of its own, a sync daemon works: a power of two, of
    /// which the kernel uses at most 64. Taken when a daemon starts.
    SYNC_PORTS: u32 = "sync_ports", default 1, since "3.5";
    /// How many messages may wait for the master to send them. The default depends on the machine.
    SYNC_QLEN_MAX: u64 = "sync_qlen_max", since "3.5";
    /// By how much the time of a connection must have changed for the master to tell it again. The
    /// kernel refuses what is too long for its ticks.
    SYNC_REFRESH_PERIOD: Duration = "sync_refresh_period", default Duration::ZERO, since "3.5";
    /// How many times more the master tells the same.
    SYNC_RETRIES: i32 = "sync_retries", default 0, range 0..=3, since "3.5";
    /// The buffer of the sync daemons' sockets in bytes; 0 is the kernel's choice.
    SYNC_SOCK_SIZE: i32 = "sync_sock_size", default 0, since "3.5";
    /// Which packets of a connection make the master tell of it.
    SYNC_THRESHOLD: SyncThreshold = "sync_threshold", default SyncThreshold { packet: 3, period: 50 };
    /// In which version of their protocol sync daemons speak; 0 knows no IPv6.
    SYNC_VERSION: i32 = "sync_version", default 1, range 0..=1, since "2.6.39";
}
