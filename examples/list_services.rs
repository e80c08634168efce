//! List all services with their destinations, connections and rates.
//!
//!     cargo lab run -- list_services
//!
//! prints
//!
//!     tcp:192.0.2.10:80 (rr): 12 connections, 3 a second
//!       198.51.100.7:80 direct, weight 1: 2 active
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::process::ExitCode;

use ipvs::Client;

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut ipvs = Client::open()?;
    for server in ipvs.virtual_servers()? {
        let (service, stats) = (&server.service.service, &server.service.stats);
        println!(
            "{} ({}): {} connections, {} a second",
            service.id, service.scheduler, stats.connections, stats.rates.connections_per_second
        );
        for status in server.destinations {
            let destination = status.destination;
            println!(
                "  {} {}, weight {}: {} active",
                destination.id,
                destination.forwarding,
                destination.weight,
                status.active_connections
            );
        }
    }
    Ok(())
}
