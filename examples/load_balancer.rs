//! A director as one daemon: it makes this host what `lb.toml` says, and takes real servers that don't
//! answer out of rotation.
//!
//!     cargo lab run -- load_balancer /etc/ipvs-rs/lb.toml
//!
//! prints each change. SIGHUP reads the file again. If the file is wrong, the daemon says so and keeps
//! what it has. Ctrl-C takes everything down.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use ipvs::asynchronous::Client;
use ipvs::{Change, Endpoint, Plan, ServiceId, Table};
use lbnet::{File, Host, Netns};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{interval, timeout};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    ipvs_examples::report(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: load_balancer FILE")?;
    let (ipvs, host) = (Client::open().await?, Host::open(Netns::current()?)?);
    let (mut hangup, mut stop) = (
        signal(SignalKind::hangup())?,
        signal(SignalKind::interrupt())?,
    );
    let mut every_second = interval(Duration::from_secs(1));

    let mut file = File::read(&path)?;
    loop {
        if let Err(error) = make_so(&ipvs, &host, &file).await {
            ipvs_examples::complain(&*error);
        }
        tokio::select! {
            _ = every_second.tick() => {}
            _ = hangup.recv() => match File::read(&path) {
                Ok(read) => file = read,
                Err(error) => ipvs_examples::complain(&error),
            },
            _ = stop.recv() => break,
        }
    }
    print!("{}", host.reconcile(&[], &[]).await?);
    let servers = file.table.virtual_servers.into_iter();
    let deletions = servers.map(|server| Change::DeleteService(server.service));
    Ok(ipvs.apply(&deletions.collect()).await?)
}

/// Services come before the virtual IP, so that no client meets a director without a service.
async fn make_so(ipvs: &Client, host: &Host, file: &File) -> Result<(), Box<dyn Error>> {
    let plan = Plan::between(&ipvs.table().await?, &reachable(&file.table).await);
    for change in plan.changes() {
        println!("{change}");
    }
    ipvs.apply(&plan).await?;
    let report = host.reconcile(&file.directors, &file.real_servers).await?;
    if report.changed() {
        print!("{report}");
    }
    Ok(())
}

/// The table with weight 0 for each real server that doesn't answer.
async fn reachable(wanted: &Table) -> Table {
    let mut table = wanted.clone();
    for server in &mut table.virtual_servers {
        for destination in &mut server.destinations {
            if !answers(server.service.id, destination.id).await {
                destination.weight = 0;
            }
        }
    }
    table
}

/// Whether a real server accepts TCP connections. Servers of other services count as reachable.
async fn answers(service: ServiceId, server: Endpoint) -> bool {
    let Some(port) = server.port else { return true };
    if !matches!(
        service,
        ServiceId::Address {
            protocol: ipvs::Protocol::Tcp,
            ..
        }
    ) {
        return true;
    }
    let connecting = TcpStream::connect(SocketAddr::new(server.address, port.get()));
    matches!(
        timeout(Duration::from_millis(500), connecting).await,
        Ok(Ok(_))
    )
}
