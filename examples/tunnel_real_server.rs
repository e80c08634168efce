//! Set this host up as a real server behind a GUE tunnel, then check it.
//!
//!     cargo lab run -- tunnel_real_server 10.10.10.100 eth0 6080
//!
//! prints what it changed on the host, then what would keep clients from being served.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::process::ExitCode;

use lbnet::doctor::examine_real_server;
use lbnet::{Host, Netns, RealServer, Tunnel};

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: VIP DEVICE PORT");
    let server = RealServer::new(next()?.parse()?, next()?.parse()?);
    let server = server.tunnel(Tunnel::gue(next()?.parse()?));

    lbnet::block_on(async {
        let host = Host::open(Netns::current()?)?;
        print!("{}", server.up(&host).await?);
        for finding in &examine_real_server(&host, &(&server).into()).await? {
            println!("{finding}");
        }
        Ok(())
    })?
}
