//! Set this host up as the director of a web site: add the services first, then the virtual IP.
//!
//!     cargo lab run -- direct_routing_director 10.10.10.100 eth0 10.10.10.12 10.10.10.13
//!
//! prints what it changed on the host. Run `direct_routing_real_server` on the real servers.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::net::IpAddr;
use std::process::ExitCode;

use ipvs::{Client, Destination, Endpoint, Scheduler, Service};
use lbnet::{Director, Host, IpPrefix, Netns};

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: VIP DEVICE SERVER…");
    let (vip, device): (IpAddr, _) = (next()?.parse()?, next()?.parse()?);

    let mut ipvs = Client::open()?;
    let web = Service::tcp(Endpoint::new(vip, 80)).scheduler(Scheduler::ROUND_ROBIN);
    ipvs.add_service(&web)?;
    for server in arguments {
        let server = Endpoint::new(server.parse()?, 80);
        ipvs.add_destination(web.id, &Destination::new(server))?;
    }

    let report = lbnet::block_on(async {
        let host = Host::open(Netns::current()?)?;
        Director::new(IpPrefix::host(vip), device).up(&host).await
    })??;
    print!("{report}");
    Ok(())
}
