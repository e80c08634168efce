//! Balance a web site over two real servers behind this host, with masquerading (NAT).
//!
//!     cargo lab run -- nat_web_service 192.0.2.10:80 198.51.100.7:8080 198.51.100.8:8080
//!
//! The real servers' default gateway must be this host, and this host must forward packets:
//! `sysctl net.ipv4.ip_forward=1`.

use std::error::Error;
use std::process::ExitCode;

use ipvs::{Client, Destination, Endpoint, Forwarding, Scheduler, Service};

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut addresses = std::env::args()
        .skip(1)
        .map(|address| address.parse::<Endpoint>());
    let vip = addresses
        .next()
        .ok_or("usage: nat_web_service VIP:PORT SERVER:PORT…")??;

    let mut ipvs = Client::open()?;
    let web = Service::tcp(vip).scheduler(Scheduler::WEIGHTED_LEAST_CONNECTION);
    ipvs.add_service(&web)?;
    for server in addresses {
        let server = Destination::new(server?).forwarding(Forwarding::Masquerade);
        ipvs.add_destination(web.id, &server)?;
    }
    Ok(())
}
