//! Start a connection-sync daemon, so that another director can take over the connections.
//!
//!     cargo lab run -- sync_daemon_pair master lo
//!
//! prints the sync daemons that run now, for example
//!
//!     master on lo, sync id 7, group 224.0.0.81, port 8848, ttl 1, messages up to 1472 bytes
//!
//! Run it with `backup` on the other director. If a daemon already runs, it is left alone, or
//! restarted if its parameters differ.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::process::ExitCode;

use ipvs::{Client, SyncDaemon};

/// Both directors of a pair use the same id. Other pairs on the network need another one.
const SYNC_ID: u8 = 7;

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: master|backup DEVICE");
    let wanted = SyncDaemon::new(next()?.parse()?, next()?).sync_id(SYNC_ID);

    let mut ipvs = Client::open()?;
    let running = ipvs.sync_daemons()?;
    let running = running.iter().find(|daemon| daemon.role == wanted.role);
    if !running.is_some_and(|running| wanted.is_satisfied_by(running)) {
        // The kernel cannot change the parameters of a running daemon.
        if running.is_some() {
            ipvs.stop_sync_daemon(wanted.role)?;
        }
        ipvs.start_sync_daemon(&wanted)?;
    }
    for daemon in ipvs.sync_daemons()? {
        println!("{daemon}");
    }
    Ok(())
}
