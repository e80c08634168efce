//! Show which real servers a client's connections were sent to.
//!
//!     cargo lab run -- connections_of_a_client 203.0.113.5
//!
//! prints each connection, then the number of connections for each service and real server:
//!
//!     203.0.113.5:40912 to 192.0.2.10:80 at 198.51.100.7:8080: ESTABLISHED, forgotten in 14m 59s
//!     TCP 192.0.2.10:80 at 198.51.100.7:8080: 1 connections, 0 templates
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::process::ExitCode;

use ipvs::{Client, ConnectionFilter, ConnectionSummary, duration};

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let client = std::env::args().nth(1);
    let client = client.ok_or("usage: connections_of_a_client CLIENT")?;
    let of_client = ConnectionFilter::new().client(client.parse()?);

    let mut summary = ConnectionSummary::default();
    for connection in Client::open()?.connections()? {
        let connection = connection?;
        if !of_client.matches(&connection) {
            continue;
        }
        println!(
            "{} to {} at {}: {}, forgotten in {}",
            connection.client,
            connection.service,
            connection.destination,
            connection.state,
            duration::display(connection.expires)
        );
        summary.add(connection);
    }
    for (group, counts) in &summary {
        println!(
            "{} {} at {}: {} connections, {} templates",
            group.protocol, group.service, group.destination, counts.connections, counts.templates
        );
    }
    Ok(())
}
