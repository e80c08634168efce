//! Take a real server out of rotation without cutting its connections.
//!
//!     cargo lab run -- drain_a_destination 192.0.2.10:80 198.51.100.7:80
//!
//! returns when the last connection ended.

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use ipvs::{Client, Endpoint, ServiceId};

fn main() -> Result<(), Box<dyn Error>> {
    let mut addresses = std::env::args()
        .skip(1)
        .map(|address| address.parse::<Endpoint>());
    let mut next = || {
        addresses
            .next()
            .ok_or("usage: drain_a_destination VIP:PORT SERVER:PORT")
    };
    let (web, server) = (ServiceId::tcp(next()??), next()??);

    let mut ipvs = Client::open()?;
    // No new connections from now on.
    ipvs.edit_destination(web, server, |destination| destination.weight = 0)?;
    while ipvs.destination(web, server)?.active_connections > 0 {
        sleep(Duration::from_secs(1));
    }
    ipvs.delete_destination(web, server)?;
    Ok(())
}
