//! Set this host up as a real server: add the virtual IP, without answering ARP for it.
//!
//!     cargo lab run -- direct_routing_real_server 10.10.10.100 eth0
//!
//! prints what it changed on the host. It is safe to run again.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::process::ExitCode;

use lbnet::{Host, Netns, RealServer};

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: VIP DEVICE");
    let server = RealServer::new(next()?.parse()?, next()?.parse()?);

    let report = lbnet::block_on(async { server.up(&Host::open(Netns::current()?)?).await })??;
    print!("{report}");
    Ok(())
}
