//! Print what every user can read about IPVS, without privileges.
//!
//!     cargo lab run -- who_is_there
//!
//! prints, as any user,
//!
//!     IPVS 1.2.1
//!     tcp:192.0.2.10:80 (rr)
//!       198.51.100.7:80 direct, weight 1: 2 active
//!     12 connections in all, 6328 bytes from clients
//!     conntrack = 1, not 0: netfilter remembers connections of IPVS as well, so that …
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::process::ExitCode;

use ipvs::{Client, settings};

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let ipvs = Client::open()?;
    let listing = ipvs.listing()?;
    println!("IPVS {}", listing.info.version);
    for service in listing.services {
        println!("{} ({})", service.id, service.scheduler);
        for server in service.destinations {
            println!(
                "  {} {}, weight {}: {} active",
                server.id, server.forwarding, server.weight, server.active_connections
            );
        }
    }
    let totals = ipvs.totals()?;
    println!(
        "{} connections in all, {} bytes from clients",
        totals.connections, totals.incoming_bytes
    );
    for (name, value) in ipvs.settings()? {
        let Some(known) = settings::description(&name) else {
            continue;
        };
        if let Some(default) = known.default.filter(|default| *default != value) {
            println!("{name} = {value}, not {default}: {}", known.meaning);
        }
    }
    Ok(())
}
