//! Take a real server out of service without cutting its connections.
//!
//!     cargo lab run -- drain_a_destination 192.0.2.10:80 198.51.100.7:80 5m
//!
//! prints every second how many connections are left. It deletes the destination when the kernel
//! remembers no connection to it, so that none is cut. If connections are left after five minutes, it exits with status 1.
//! Without a time limit, it never gives up.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::process::ExitCode;

use ipvs::{Client, Drain, Drained, Endpoint, ServiceId, duration};

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || {
        let usage = "usage: drain_a_destination VIP:PORT SERVER:PORT [TIME]";
        arguments.next().ok_or(usage)
    };
    let web = ServiceId::tcp(next()?.parse::<Endpoint>()?);
    let server: Endpoint = next()?.parse()?;
    let drain = match arguments.next() {
        Some(limit) => Drain::new().within(duration::parse(&limit)?),
        None => Drain::new(),
    };

    let mut ipvs = Client::open()?;
    let drained = ipvs.drain_destination(web, server, &drain, |left| {
        let (active, inactive) = (left.active_connections, left.inactive_connections);
        println!("connections left: {active} active, {inactive} inactive");
    })?;
    match drained {
        Drained::Empty => Ok(ipvs.delete_destination(web, server)?),
        _ => Err("timed out with connections left; the server stays at weight 0".into()),
    }
}
