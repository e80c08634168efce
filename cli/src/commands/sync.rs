//! `start-sync`, `stop-sync`, `sync-status`.

use std::io::{self, Write};
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16};

use clap::{Args, Subcommand};
use ipvs::{SyncDaemon, SyncRole};
use serde::Serialize;

use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a sync daemon: it carries connections to another director, or takes them from one
    StartSync(Deferred<StartSync>),
    /// Stop a sync daemon
    StopSync(Deferred<StopSync>),
    /// List the running sync daemons
    SyncStatus,
}

#[derive(Args, Debug)]
pub(crate) struct StartSync {
    /// What it does: master tells other directors of connections, backup learns of them
    role: SyncRole,
    /// The device that it speaks on
    #[arg(long, alias = "mcast-interface", value_name = "DEVICE")]
    interface: String,
    /// Which directors belong together: 0 to 255; 0 on a backup takes connections of any
    #[arg(long, value_name = "ID", default_value = "0")]
    syncid: u8,
    /// The longest message in bytes [default: what the device takes]
    #[arg(long, alias = "sync-maxlen", value_name = "BYTES")]
    maxlen: Option<NonZeroU16>,
    /// The multicast group, IPv4 or IPv6 [default: 224.0.0.81]
    #[arg(long, alias = "mcast-group", value_name = "ADDRESS")]
    group: Option<IpAddr>,
    /// The UDP port [default: 8848]
    #[arg(long, alias = "mcast-port")]
    port: Option<NonZeroU16>,
    /// How many routers a message may pass [default: 1]
    #[arg(long, alias = "mcast-ttl")]
    ttl: Option<NonZeroU8>,
}

impl StartSync {
    fn daemon(self) -> SyncDaemon {
        let mut daemon = SyncDaemon::new(self.role, self.interface).sync_id(self.syncid);
        daemon.max_length = self.maxlen;
        daemon.group = self.group;
        daemon.port = self.port;
        daemon.ttl = self.ttl;
        daemon
    }
}

#[derive(Args, Debug)]
pub(crate) struct StopSync {
    /// master or backup
    role: SyncRole,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let mut ipvs = session.ipvs()?;
        match self {
            Self::StartSync(Deferred(arguments)) => ipvs.start_sync_daemon(&arguments.daemon())?,
            Self::StopSync(Deferred(arguments)) => ipvs.stop_sync_daemon(arguments.role)?,
            Self::SyncStatus => {
                let sync_daemons = ipvs.sync_daemons()?;
                session.show(&SyncDaemons { sync_daemons }, print)?;
            }
        }
        Ok(Ended::Done)
    }
}

/// The JSON of the sync daemons.
#[derive(Serialize)]
struct SyncDaemons {
    sync_daemons: Vec<SyncDaemon>,
}

fn print(daemons: &SyncDaemons, out: &mut dyn Write) -> io::Result<()> {
    for daemon in &daemons.sync_daemons {
        writeln!(out, "{daemon}")?;
    }
    Ok(())
}
