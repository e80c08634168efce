use std::path::Path;

use crate::{Client, CpuStats, Error, Stats, procfs::totals};

const TOTALS: &str = "/proc/thread-self/net/ip_vs_stats";
const BY_CPU: &str = "/proc/thread-self/net/ip_vs_stats_percpu";

impl Client {
    /// Reads what all services of the network namespace counted together. Needs no privilege in
    /// the client's own namespace.
    ///
    /// # Errors
    /// [`Error::Unavailable`] without `ip_vs`.
    ///
    /// # Kernel
    /// `/proc/net/ip_vs_stats`; refreshed like [`Stats`]. It does not say how wide the counters are: 64
    /// bits since 4.1.
    pub fn totals(&self) -> Result<Stats, Error> {
        let text = self.files.read_of_module(Path::new(TOTALS))?;
        totals::parse(&text).ok_or_else(|| Error::FileText {
            path: TOTALS.into(),
            text,
        })
    }

    /// Reads what each CPU counted, at this moment. Needs no privilege in the client's own
    /// namespace.
    ///
    /// # Errors
    /// [`Error::Unavailable`] without `ip_vs`.
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
                totals::parse_cpu(line).ok_or_else(|| Error::FileText {
                    path: BY_CPU.into(),
                    text: line.to_owned(),
                })
            })
            .collect()
    }
}
