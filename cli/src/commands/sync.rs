//! `start-sync`, `stop-sync`, `sync-status`.

use std::io::{self, Write};
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16};

use clap::{Args, Subcommand};
use ipvs::{SyncDaemon, SyncRole};
use lbnet::DeviceName;
use serde::Serialize;

use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::{Deferred, address, number};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a connection-sync daemon: `master` sends connection state to other directors, `backup`
    /// receives it
    #[command(after_help = "Examples:\n  \
        director1# ipvs-rs start-sync master --interface eth0 --syncid 7\n  \
        director2# ipvs-rs start-sync backup --interface eth0 --syncid 7\n\n\
        A host can run one daemon of each role. Other directors must use the same group and port.\n\n\
        Exit status: 0 started, 1 refused or failed, 2 wrong usage.")]
    StartSync(Deferred<StartSync>),
    /// Stop a connection-sync daemon
    #[command(after_help = "Example:\n  \
        ipvs-rs stop-sync backup\n\n\
        Exit status: 0 stopped, 1 not running, refused or failed, 2 wrong usage.")]
    StopSync(Deferred<StopSync>),
    /// List the running connection-sync daemons
    #[command(
        after_help = "Exit status: 0 listed, even if none is running; 1 refused or failed; \
        2 wrong usage."
    )]
    SyncStatus,
}

#[derive(Args, Debug)]
pub(crate) struct StartSync {
    /// master sends connection state, backup receives it
    role: SyncRole,
    /// Device to send or receive on
    #[arg(long, alias = "mcast-interface", value_name = "DEVICE", value_parser = interface)]
    interface: String,
    /// ID of a group of directors, 0 to 255; a backup with ID 0 accepts messages of every group
    #[arg(
        long,
        value_name = "ID",
        default_value = "0",
        value_parser = sync_id,
        allow_negative_numbers = true
    )]
    syncid: u8,
    /// Largest message in bytes [default: what fits the device's MTU]
    #[arg(
        long,
        alias = "sync-maxlen",
        value_name = "BYTES",
        value_parser = length,
        allow_negative_numbers = true
    )]
    maxlen: Option<NonZeroU16>,
    /// Multicast group, IPv4 or IPv6 [default: 224.0.0.81]
    #[arg(long, alias = "mcast-group", value_name = "ADDRESS", value_parser = address)]
    group: Option<IpAddr>,
    /// UDP port [default: 8848]
    #[arg(long, alias = "mcast-port", value_parser = port, allow_negative_numbers = true)]
    port: Option<NonZeroU16>,
    /// Multicast TTL; messages with TTL 1 do not pass a router [default: 1]
    #[arg(long, alias = "mcast-ttl", value_parser = ttl, allow_negative_numbers = true)]
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

/// The device's own name: the kernel's request has no room for a longer, alternative one.
fn interface(text: &str) -> Result<String, &'static str> {
    let name = text.parse::<DeviceName>();
    let name = name.ok().filter(|name| name.as_str().len() <= 15);
    name.map(|name| name.to_string())
        .ok_or("the name of a network device has 1 to 15 bytes, no blanks, `/` or `:`")
}

fn sync_id(text: &str) -> Result<u8, &'static str> {
    number(text).ok_or("an ID is a number from 0 to 255")
}

fn length(text: &str) -> Result<NonZeroU16, &'static str> {
    number(text).ok_or("a length is a number of bytes from 1 to 65535")
}

fn port(text: &str) -> Result<NonZeroU16, &'static str> {
    number(text).ok_or("a port is a number from 1 to 65535")
}

fn ttl(text: &str) -> Result<NonZeroU8, &'static str> {
    number(text).ok_or("a TTL is a number from 1 to 255")
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

/// The sync daemons as JSON.
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
