/// Statistics of a service or a destination since its counters were last zeroed.
///
/// Up to Linux 6.1 the kernel updates them every two seconds, later kernels within two seconds. It does
/// not update them while `net.ipv4.vs.run_estimation` is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Stats {
    /// Connections scheduled.
    pub connections: u64,
    /// Packets from clients.
    pub incoming_packets: u64,
    /// Packets to clients that pass the director: all of them with masquerading, few or none otherwise.
    pub outgoing_packets: u64,
    /// Bytes from clients, including IP headers.
    pub incoming_bytes: u64,
    /// Bytes to clients that pass the director, including IP headers.
    pub outgoing_bytes: u64,
    /// Rates, averaged over about eight seconds.
    pub rates: Rates,
    /// The width of the counters in the kernel's answer.
    pub width: StatsWidth,
}

impl Stats {
    /// Returns the difference between an earlier reading of the same object and this one.
    ///
    /// Counters only grow until they are zeroed, or their object is deleted and added again. If any
    /// counter is smaller than before, all are assumed to have restarted at 0: the difference then counts
    /// from the restart, [`started_over`](StatsDelta::started_over) is true, and earlier traffic is lost.
    /// A counter that restarted and has already passed its old value cannot be detected.
    ///
    /// # Examples
    /// ```
    /// use ipvs::Stats;
    ///
    /// let (mut before, mut now) = (Stats::default(), Stats::default());
    /// (before.connections, now.connections) = (7, 9);
    /// assert_eq!(now.since(&before).connections, 2);
    /// let zeroed = before.since(&now);
    /// assert!(zeroed.started_over);
    /// assert_eq!(zeroed.connections, 7);
    /// ```
    pub fn since(&self, earlier: &Self) -> StatsDelta {
        let are_cut = self.width == StatsWidth::Bits32 && earlier.width == StatsWidth::Bits32;
        let has_shrunk = |of: fn(&Self) -> u64| of(self) < of(earlier);
        let started_over = has_shrunk(|stats| stats.incoming_bytes)
            || has_shrunk(|stats| stats.outgoing_bytes)
            || !are_cut
                && (has_shrunk(|stats| stats.connections)
                    || has_shrunk(|stats| stats.incoming_packets)
                    || has_shrunk(|stats| stats.outgoing_packets));
        let counted = |of: fn(&Self) -> u64| match (of(self), of(earlier)) {
            (now, _) if started_over => now,
            // The 32-bit counter wrapped around.
            (now, before) if now < before => now + (1 << 32) - before,
            (now, before) => now - before,
        };
        StatsDelta {
            connections: counted(|stats| stats.connections),
            incoming_packets: counted(|stats| stats.incoming_packets),
            outgoing_packets: counted(|stats| stats.outgoing_packets),
            incoming_bytes: counted(|stats| stats.incoming_bytes),
            outgoing_bytes: counted(|stats| stats.outgoing_bytes),
            started_over,
        }
    }
}

/// The difference between two readings, from [`Stats::since`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct StatsDelta {
    /// Connections scheduled.
    pub connections: u64,
    /// Packets from clients.
    pub incoming_packets: u64,
    /// Packets to clients that pass the director: all of them with masquerading, few or none otherwise.
    pub outgoing_packets: u64,
    /// Bytes from clients, including IP headers.
    pub incoming_bytes: u64,
    /// Bytes to clients that pass the director, including IP headers.
    pub outgoing_bytes: u64,
    /// Whether the counters restarted between the readings: they were zeroed, or their object was deleted
    /// and added again.
    pub started_over: bool,
}

/// Rates, averaged over about eight seconds and recalculated every two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Rates {
    /// Connections per second.
    pub connections_per_second: u64,
    /// Packets per second from clients.
    pub incoming_packets_per_second: u64,
    /// Packets per second to clients.
    pub outgoing_packets_per_second: u64,
    /// Bytes (not bits) per second from clients.
    pub incoming_bytes_per_second: u64,
    /// Bytes (not bits) per second to clients.
    pub outgoing_bytes_per_second: u64,
}

/// The width of the counters of [`Stats`] in the kernel's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum StatsWidth {
    /// 64 bits, since Linux 4.1.
    #[default]
    Bits64,
    /// 32 bits, except for bytes: an older kernel truncated the counters, which wrap around at 2^32.
    Bits32,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Creates counters that are all different.
    fn stats(width: StatsWidth, counters: [u64; 5]) -> Stats {
        let [
            connections,
            incoming_packets,
            outgoing_packets,
            incoming_bytes,
            outgoing_bytes,
        ] = counters;
        Stats {
            connections,
            incoming_packets,
            outgoing_packets,
            incoming_bytes,
            outgoing_bytes,
            width,
            ..Stats::default()
        }
    }

    fn counted(delta: StatsDelta) -> ([u64; 5], bool) {
        let counters = [
            delta.connections,
            delta.incoming_packets,
            delta.outgoing_packets,
            delta.incoming_bytes,
            delta.outgoing_bytes,
        ];
        (counters, delta.started_over)
    }

    #[test]
    fn what_was_counted_in_between_is_the_difference() {
        for width in [StatsWidth::Bits64, StatsWidth::Bits32] {
            let before = stats(width, [1, 20, 300, 4000, 50000]);
            let now = stats(width, [11, 120, 1300, 14000, 150_000]);
            let difference = ([10, 100, 1000, 10000, 100_000], false);
            assert_eq!(counted(now.since(&before)), difference);
            assert_eq!(counted(now.since(&now)), ([0; 5], false));
        }
    }

    #[test]
    fn one_counter_that_shrank_means_that_all_began_anew() {
        for place in 0..5 {
            let before = stats(StatsWidth::Bits64, [7; 5]);
            let mut counters = [9; 5];
            counters[place] = 6;
            let now = stats(StatsWidth::Bits64, counters);
            assert_eq!(counted(now.since(&before)), (counters, true), "{place}");
        }
    }

    #[test]
    fn a_counter_of_32_bits_that_shrank_passed_its_end_unless_bytes_shrank_too() {
        let end = u64::from(u32::MAX);
        let before = stats(StatsWidth::Bits32, [end, end - 1, end - 2, 7, 7]);
        let now = stats(StatsWidth::Bits32, [0, 1, 2, 8, 9]);
        assert_eq!(counted(now.since(&before)), ([1, 3, 5, 1, 2], false));
        // If only one reading is truncated, the two are not of the same source.
        let wide = stats(StatsWidth::Bits64, [end, end - 1, end - 2, 7, 7]);
        let started_over = ([0, 1, 2, 8, 9], true);
        assert_eq!(counted(now.since(&wide)), started_over);
        for bytes in [[6, 9], [9, 6]] {
            let [incoming, outgoing] = bytes;
            let counters = [0, 1, 2, incoming, outgoing];
            let now = stats(StatsWidth::Bits32, counters);
            assert_eq!(counted(now.since(&before)), (counters, true));
        }
    }
}
