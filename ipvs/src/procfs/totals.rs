//! Parses `/proc/net/ip_vs_stats` and `/proc/net/ip_vs_stats_percpu`. All numbers are hexadecimal.

use std::path::Path;

use crate::{Client, Error, Rates, Stats, StatsWidth};

const TOTALS: &str = "/proc/thread-self/net/ip_vs_stats";
const BY_CPU: &str = "/proc/thread-self/net/ip_vs_stats_percpu";

/// The counters of one CPU since it came up. There are no rates, and zeroing does not reset them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CpuStats {
    /// The number of the CPU. The kernel lists every possible CPU, including absent ones.
    pub cpu: u32,
    /// Connections scheduled.
    pub connections: u64,
    /// Packets from clients.
    pub incoming_packets: u64,
    /// Packets to clients that pass the director: all of them with masquerading, few or none otherwise.
    pub outgoing_packets: u64,
    /// Bytes from clients.
    pub incoming_bytes: u64,
    /// Bytes to clients that pass the director.
    pub outgoing_bytes: u64,
}

impl Client {
    /// Reads what all services of the network namespace counted together. Needs no privilege in
    /// the client's own namespace.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: `ip_vs` is not loaded.
    ///
    /// # Kernel
    /// `/proc/net/ip_vs_stats`; refreshed like [`Stats`]. It does not say how wide the counters are: 64
    /// bits since 4.1.
    pub fn totals(&self) -> Result<Stats, Error> {
        let text = self.files.read_of_module(Path::new(TOTALS))?;
        parse(&text).ok_or_else(|| Error::FileText {
            path: TOTALS.into(),
            text,
        })
    }

    /// Reads what each CPU counted, at this moment. Needs no privilege in the client's own
    /// namespace.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: `ip_vs` is not loaded.
    ///
    /// # Kernel
    /// `/proc/net/ip_vs_stats_percpu`.
    pub fn totals_by_cpu(&self) -> Result<Vec<CpuStats>, Error> {
        let text = self.files.read_of_module(Path::new(BY_CPU))?;
        // Behind two lines of titles; the totals end it.
        let lines = text.lines().skip(2);
        let lines = lines.take_while(|line| !line.trim_start().starts_with('~'));
        lines
            .map(|line| {
                parse_cpu(line).ok_or_else(|| Error::FileText {
                    path: BY_CPU.into(),
                    text: line.to_owned(),
                })
            })
            .collect()
    }
}

/// Parses all of `ip_vs_stats`: two title lines, the totals, an empty line, a title line, the rates.
/// Returns `None` if the text does not have this format.
fn parse(text: &str) -> Option<Stats> {
    let mut rows = text.lines().filter_map(numbers);
    let [
        connections,
        incoming_packets,
        outgoing_packets,
        incoming_bytes,
        outgoing_bytes,
    ] = rows.next()?;
    let [
        connections_per_second,
        incoming_packets_per_second,
        outgoing_packets_per_second,
        incoming_bytes_per_second,
        outgoing_bytes_per_second,
    ] = rows.next()?;
    Some(Stats {
        connections,
        incoming_packets,
        outgoing_packets,
        incoming_bytes,
        outgoing_bytes,
        rates: Rates {
            connections_per_second,
            incoming_packets_per_second,
            outgoing_packets_per_second,
            incoming_bytes_per_second,
            outgoing_bytes_per_second,
        },
        width: StatsWidth::Bits64,
    })
}

/// Parses a line of `ip_vs_stats_percpu`. The line of totals has `~` in place of a CPU number.
fn parse_cpu(line: &str) -> Option<CpuStats> {
    let (cpu, rest) = line.trim_start().split_once(' ')?;
    let [
        connections,
        incoming_packets,
        outgoing_packets,
        incoming_bytes,
        outgoing_bytes,
    ] = numbers(rest)?;
    Some(CpuStats {
        cpu: u32::from_str_radix(cpu, 16).ok()?,
        connections,
        incoming_packets,
        outgoing_packets,
        incoming_bytes,
        outgoing_bytes,
    })
}

/// Parses exactly five numbers. Titles are not numbers.
fn numbers(line: &str) -> Option<[u64; 5]> {
    let numbers: Option<Vec<u64>> = line
        .split_whitespace()
        .map(|word| u64::from_str_radix(word, 16).ok())
        .collect();
    numbers?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_hexadecimal() {
        let text = "   Total Incoming Outgoing         Incoming         Outgoing\n   \
                    Conns  Packets  Packets            Bytes            Bytes\n       \
                    8       19       12              70B              52B\n\n \
                    Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n       \
                    1        3        2               E1               A5\n";
        let stats = parse(text).unwrap();
        assert_eq!((stats.connections, stats.incoming_packets), (8, 0x19));
        assert_eq!(
            (stats.outgoing_packets, stats.incoming_bytes),
            (0x12, 0x70b)
        );
        assert_eq!(stats.outgoing_bytes, 0x52b);
        assert_eq!(stats.rates.incoming_bytes_per_second, 0xe1);
        assert_eq!(stats.rates.outgoing_bytes_per_second, 0xa5);
    }

    #[test]
    fn a_cpu_is_told_from_titles_and_totals() {
        let lines = [
            "CPU    Conns  Packets  Packets            Bytes            Bytes",
            "  1F        8       19       12              70B              52B",
            "  ~        8       19       12              70B              52B",
            "           1        3        2               E1               A5",
        ];
        let cpus: Vec<_> = lines.into_iter().filter_map(parse_cpu).collect();
        assert_eq!(cpus.len(), 1);
        assert_eq!((cpus[0].cpu, cpus[0].incoming_bytes), (31, 0x70b));
    }
}
