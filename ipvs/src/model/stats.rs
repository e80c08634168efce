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
    /// Packets to clients that came by the director: with masquerading all, else few or none.
    pub outgoing_packets: u64,
    /// Bytes from clients, IP headers included.
    pub incoming_bytes: u64,
    /// Bytes to clients that came by the director, IP headers included.
    pub outgoing_bytes: u64,
    /// The same as averages over some eight seconds.
    pub rates: Rates,
    /// How wide the numbers were in the kernel's answer.
    pub width: StatsWidth,
}

impl Stats {
    /// What was counted between an earlier reading of the same thing and this one.
    ///
    /// Counters only grow, until they are zeroed or what they belong to is deleted and added again.
    /// Where one is smaller than before, all are taken to have started over at 0: then this is what
    /// was counted since, [`started_over`](StatsDelta::started_over) says so, and what came before is
    /// lost. A counter that started over and passed its old value meanwhile cannot be told from one
    /// that did not.
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
            // Past the end of its 32 bits, and on from 0.
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

/// What was counted between two readings: [`Stats::since`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct StatsDelta {
    /// Connections scheduled.
    pub connections: u64,
    /// Packets from clients.
    pub incoming_packets: u64,
    /// Packets to clients that came by the director: with masquerading all, else few or none.
    pub outgoing_packets: u64,
    /// Bytes from clients, IP headers included.
    pub incoming_bytes: u64,
    /// Bytes to clients that came by the director, IP headers included.
    pub outgoing_bytes: u64,
    /// Whether the counters were zeroed in between, or what they belong to was added anew.
    pub started_over: bool,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Connections, packets and bytes, each as often as the counter's place.
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
        // Where only one reading was cut, something else was read.
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
