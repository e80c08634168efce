//! Print the traffic of each service once a second.
//!
//!     cargo lab run -- watch_rates 10
//!
//! prints ten times, for each service, the difference from the last reading, and the rates that the
//! kernel averages over about eight seconds:
//!
//!     tcp:192.0.2.10:80: 3 connections, 1284 bytes in, 9120 bytes out; 1/s, 380 B/s, 2741 B/s
//!
//! Up to Linux 6.1, the kernel updates these numbers every two seconds.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use ipvs::{Client, ServiceId, ServiceStatus, Stats};

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let rounds = std::env::args().nth(1).ok_or("usage: watch_rates ROUNDS")?;
    let rounds: u32 = rounds.parse()?;

    let mut ipvs = Client::open()?;
    let mut last = read(&mut ipvs)?;
    for _ in 0..rounds {
        sleep(Duration::from_secs(1));
        let now = read(&mut ipvs)?;
        for (id, stats) in &now {
            // A service that is new since the last reading has counted everything since then.
            let counted = stats.since(&last.get(id).copied().unwrap_or_default());
            if counted.started_over {
                println!("{id}: zeroed, or added anew");
            }
            println!(
                "{id}: {} connections, {} bytes in, {} bytes out; {}/s, {} B/s, {} B/s",
                counted.connections,
                counted.incoming_bytes,
                counted.outgoing_bytes,
                stats.rates.connections_per_second,
                stats.rates.incoming_bytes_per_second,
                stats.rates.outgoing_bytes_per_second
            );
        }
        last = now;
    }
    Ok(())
}

fn read(ipvs: &mut Client) -> Result<BTreeMap<ServiceId, Stats>, ipvs::Error> {
    let stats = |status: ServiceStatus| (status.service.id, status.stats);
    Ok(ipvs.services()?.into_iter().map(stats).collect())
}
