//! Balance a service over the real servers that answer. Ctrl-C deletes the service.
//!
//!     cargo lab run -- health_checked_service 192.0.2.10:80 198.51.100.7:80 198.51.100.8:80
//!
//! prints `198.51.100.7:80: weight 1` when a real server starts to answer, and `weight 0` when it
//! stops.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use ipvs::asynchronous::Client;
use ipvs::{Destination, Ensured, Forwarding, Service};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    ipvs_examples::report(run().await)
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let addresses = std::env::args().skip(1).map(|address| address.parse());
    let addresses: Vec<SocketAddr> = addresses.collect::<Result<_, _>>()?;
    let usage = "usage: health_checked_service VIP:PORT SERVER:PORT…";
    let (vip, servers) = addresses.split_first().ok_or(usage)?;

    let mut ctrl_c = signal(SignalKind::interrupt())?;
    let (ipvs, web) = (Client::open().await?, Service::tcp(*vip));
    ipvs.ensure_service(&web).await?;
    let check = |server: &SocketAddr| keep_checking(ipvs.clone(), web.clone(), *server);
    let mut checks: JoinSet<()> = servers.iter().map(check).collect();
    ctrl_c.recv().await;
    checks.shutdown().await;
    Ok(ipvs.delete_service(web.id).await?)
}

async fn keep_checking(ipvs: Client, web: Service, server: SocketAddr) {
    let mut every_second = interval(Duration::from_secs(1));
    loop {
        every_second.tick().await;
        if let Err(error) = check(&ipvs, &web, server).await {
            ipvs_examples::complain(&error);
        }
    }
}

async fn check(ipvs: &Client, web: &Service, server: SocketAddr) -> Result<(), ipvs::Error> {
    let connected = timeout(Duration::from_millis(500), TcpStream::connect(server)).await;
    let mut destination = Destination::new(server).forwarding(Forwarding::Masquerade);
    destination.weight = u32::from(matches!(connected, Ok(Ok(_))));
    ipvs.ensure_service(web).await?;
    if ipvs.ensure_destination(web.id, &destination).await? != Ensured::Unchanged {
        println!("{server}: weight {}", destination.weight);
    }
    Ok(())
}
