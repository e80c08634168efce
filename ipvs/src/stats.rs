/// What a service or a destination counted since its counters were last zeroed.
///
/// Up to Linux 6.1 the kernel refreshes all of this every two seconds, later within two seconds;
/// while `net.ipv4.vs.run_estimation` is 0, not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Stats {
    /// Connections scheduled.
    pub connections: u64,
    /// Packets from clients.
    pub incoming_packets: u64,
    /// Packets to clients; only masquerading sees them.
    pub outgoing_packets: u64,
    /// Bytes from clients, IP headers included.
    pub incoming_bytes: u64,
    /// Bytes to clients, IP headers included; only masquerading sees them.
    pub outgoing_bytes: u64,
    /// The same as averages over some eight seconds.
    pub rates: Rates,
    /// How wide the numbers were in the kernel's answer.
    pub width: StatsWidth,
}

/// Averages over some eight seconds, recalculated every two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Rates {
    /// Connections a second.
    pub connections_per_second: u64,
    /// Packets a second from clients.
    pub incoming_packets_per_second: u64,
    /// Packets a second to clients.
    pub outgoing_packets_per_second: u64,
    /// Bytes, not bits, a second from clients.
    pub incoming_bytes_per_second: u64,
    /// Bytes, not bits, a second to clients.
    pub outgoing_bytes_per_second: u64,
}

/// How wide the numbers of [`Stats`] were in the kernel's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum StatsWidth {
    /// 64 bits, as since Linux 4.1.
    #[default]
    Bits64,
    /// 32 bits but for bytes: an older kernel cut the rest off, and counters start over at 2^32.
    Bits32,
}
