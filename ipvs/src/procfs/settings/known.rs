//! Every IPVS setting up to Linux 7.2, one line each: name, type, default, range, first version.

use std::borrow::Cow;
use std::time::Duration;

use super::{ConnectionReuse, Defense, Description, Setting, SyncThreshold, Value};

/// Declares the settings and their descriptions.
///
/// A line reads `CONSTANT: type = "name", default …, range …, since …;`. Without `default`, the default
/// depends on the machine; without `range`, any number is valid; without `since`, the setting is older
/// than the netlink interface of IPVS.
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

        /// Returns the descriptions of all known settings.
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

/// Returns the description of the setting with this name.
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
    /// While memory is low, the kernel drops one packet of this many (`drop_packet`).
    AM_DROPRATE: i32 = "am_droprate", default 10;
    /// Number of free pages below which the automatic defenses consider memory low.
    AMEMTHRESH: i32 = "amemthresh", default 1024;
    /// A backup director does not balance packets. Without this, two directors that are also each other's
    /// real servers would forward packets back and forth.
    BACKUP_ONLY: bool = "backup_only", default false, since "3.9";
    /// If no destination is available, packets with a firewall mark go to their original destination. For
    /// transparent caches.
    CACHE_BYPASS: bool = "cache_bypass", default false;
    /// Load factor at which the connection table grows, as a power of two.
    CONN_LFACTOR: i32 = "conn_lfactor", default -4, range -8..=8, since "7.1";
    /// Maximum number of connections. The default and the limit depend on the machine.
    CONN_MAX: u32 = "conn_max", since "7.2";
    /// How the kernel handles a client that reuses the source port of a connection it still tracks.
    CONN_REUSE_MODE: ConnectionReuse = "conn_reuse_mode", default ConnectionReuse::RESCHEDULE, since "4.1";
    /// Netfilter also tracks IPVS connections, so that firewall rules can match their state and masquerade
    /// them. Slower. Only in kernels built with it.
    CONNTRACK: bool = "conntrack", default false, since "2.6.37";
    /// Verbosity of the kernel's log messages about IPVS. Only in kernels built with it; all network
    /// namespaces share it.
    DEBUG_LEVEL: i32 = "debug_level", default 0;
    /// The kernel removes random half-open connections, as a defense against floods.
    DROP_ENTRY: Defense = "drop_entry", default Defense::Off;
    /// The kernel drops one packet of every `am_droprate`, as a defense against floods.
    DROP_PACKET: Defense = "drop_packet", default Defense::Off;
    /// CPUs that compute statistics, such as `0-3,8`. With an empty list, statistics freeze. The default
    /// depends on the machine.
    EST_CPULIST: String = "est_cpulist", since "6.2";
    /// Priority (nice value) of the thread that computes statistics. 19 is the lowest.
    EST_NICE: i32 = "est_nice", default 0, range -20..=19, since "6.2";
    /// The kernel ends a connection to a deleted destination at its next packet. Otherwise it drops the
    /// packets until the connection expires or the destination is added again.
    EXPIRE_NODEST_CONN: bool = "expire_nodest_conn", default false;
    /// A persistent client of a destination with weight 0 gets another destination. Otherwise the client
    /// keeps its destination, and draining that destination may never finish.
    EXPIRE_QUIESCENT_TEMPLATE: bool = "expire_quiescent_template", default false;
    /// The kernel does not schedule tunnelled packets that belong to no connection.
    IGNORE_TUNNELED: bool = "ignore_tunneled", default false, since "4.4";
    /// Time after which the scheduler `lblc` removes an unused entry. Only while `ip_vs_lblc` is loaded.
    LBLC_EXPIRATION: Duration = "lblc_expiration", default Duration::from_secs(24 * 60 * 60);
    /// Time after which the scheduler `lblcr` removes an unused entry. Only while `ip_vs_lblcr` is loaded.
    LBLCR_EXPIRATION: Duration = "lblcr_expiration", default Duration::from_secs(24 * 60 * 60);
    /// The kernel sends an ICMP error to a masqueraded destination whose packet belongs to no connection.
    NAT_ICMP_SEND: bool = "nat_icmp_send", default false;
    /// The kernel rejects a packet that is too large for a tunnel, so that the sender learns the path MTU.
    /// Otherwise it fragments the packet.
    PMTU_DISC: bool = "pmtu_disc", default true, since "3.7";
    /// The kernel computes statistics. Otherwise rates and counters freeze.
    RUN_ESTIMATION: bool = "run_estimation", default true, since "5.16";
    /// The kernel schedules an ICMP error that belongs to no connection like the packet that it reports.
    SCHEDULE_ICMP: bool = "schedule_icmp", default false, since "4.4";
    /// Half-open TCP connections have shorter timeouts, as a defense against floods.
    SECURE_TCP: Defense = "secure_tcp", default Defense::Off;
    /// Any SCTP packet can start a connection, so that a director can take over from another.
    SLOPPY_SCTP: bool = "sloppy_sctp", default false, since "3.11";
    /// Any TCP packet can start a connection, so that a director with direct routing or tunnels can take
    /// over from another.
    SLOPPY_TCP: bool = "sloppy_tcp", default false, since "3.11";
    /// The kernel routes replies of masqueraded destinations again, as if the director had sent them.
    SNAT_REROUTE: bool = "snat_reroute", default true, since "2.6.37";
    /// Load factor at which the service table grows, as a power of two.
    SVC_LFACTOR: i32 = "svc_lfactor", default -3, range -8..=8, since "7.1";
    /// For persistent services, the master sends only persistence templates.
    SYNC_PERSIST_MODE: bool = "sync_persist_mode", default false, since "3.12";
    /// Number of threads of a sync daemon, each with its own port: a power of two, of which the kernel uses
    /// at most 64. Takes effect when a daemon starts.
    SYNC_PORTS: u32 = "sync_ports", default 1, since "3.5";
    /// Length of the master's queue, in messages. The default depends on the machine.
    SYNC_QLEN_MAX: u64 = "sync_qlen_max", since "3.5";
    /// Change of a connection's timer after which the master sends the connection again. The kernel
    /// refuses a time that overflows its tick counter.
    SYNC_REFRESH_PERIOD: Duration = "sync_refresh_period", default Duration::ZERO, since "3.5";
    /// Number of times that the master repeats each connection.
    SYNC_RETRIES: i32 = "sync_retries", default 0, range 0..=3, since "3.5";
    /// Socket buffer size of sync daemons, in bytes. 0 lets the kernel choose.
    SYNC_SOCK_SIZE: i32 = "sync_sock_size", default 0, since "3.5";
    /// The packets of a connection at which the master sends it.
    SYNC_THRESHOLD: SyncThreshold = "sync_threshold", default SyncThreshold { packet: 3, period: 50 };
    /// Protocol version of the sync daemons. Version 0 does not support IPv6.
    SYNC_VERSION: i32 = "sync_version", default 1, range 0..=1, since "2.6.39";
}
