//! `real-server up`, `real-server down`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use lbnet::{DeviceName, RealServer, Role, ServerPlacement, SetUp, Tunnel};

use super::file::named_in;
use super::on_host::{set_up_all, undo_all, undo_each};
use super::repeats::Repeats;
use super::undone::Undone;
use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::{Deferred, Forward, address};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add the virtual IP to this host, without answering ARP for it; safe to run again
    #[command(
        override_usage = "ipvs-rs real-server up --vip <ADDRESS> --device <DEVICE> [OPTIONS]\n       \
            ipvs-rs real-server up --file <FILE>",
        after_help = "Examples:\n  \
        ipvs-rs real-server up --vip 10.10.10.100 --device eth0\n  \
        ipvs-rs real-server up --vip 10.10.10.100 --device eth0 --forward ipip\n  \
        ipvs-rs real-server up --vip 10.10.10.100 --device eth0 --forward ipip --local 2001:db8::12\n  \
        ipvs-rs real-server up --vip 10.10.10.100 --device eth0 --place device\n  \
        ipvs-rs real-server up --file /etc/ipvs-rs/lb.toml\n\n\
        Exit status: 0 set up, or was so already; 1 refused or failed; 2 wrong usage."
    )]
    Up(Deferred<RealServers>),
    /// Undo what `up` changed, and nothing else; --vip and --device select the set-up
    #[command(
        override_usage = "ipvs-rs real-server down --vip <ADDRESS> --device <DEVICE> \
        [OPTIONS]\n       ipvs-rs real-server down --file <FILE>\n       ipvs-rs real-server down --all",
        after_help = "Examples:\n  \
        ipvs-rs real-server down --vip 10.10.10.100 --device eth0\n  \
        ipvs-rs real-server down --all\n\n\
        What was there before `up`, or is still needed by another set-up, stays.\n\n\
        Exit status: 0 undone, or there was nothing to undo; 1 failed; 2 wrong usage; 5 undone in part, \
        what is left is named."
    )]
    Down(Deferred<Undone<RealServers>>),
}

#[derive(Args, Debug)]
pub(crate) struct RealServers {
    /// Read the virtual IPs from [real-server] in this file
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) typed: Option<RealServerSetUp>,
}

/// One virtual IP.
#[derive(Args, Debug)]
pub(crate) struct RealServerSetUp {
    /// Virtual IP, such as 10.10.10.100
    #[arg(
        long,
        value_name = "ADDRESS",
        value_parser = address,
        required = false, required_unless_present = "file",
        conflicts_with = "file"
    )]
    pub(crate) vip: IpAddr,
    /// Device on the clients' side
    #[arg(
        long,
        required = false,
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    pub(crate) device: DeviceName,
    /// How packets arrive, as the director is configured for this destination: direct, ipip,
    /// gue,port=N or gre[,csum]
    #[arg(
        long,
        value_name = "METHOD",
        default_value = "direct",
        value_parser = received,
        conflicts_with = "file"
    )]
    pub(crate) forward: Forward,
    /// This host's tunnel endpoint; needed if the device has several addresses of the virtual IP's
    /// family, or if the tunnel uses the other family
    #[arg(long, value_name = "ADDRESS", value_parser = address, conflicts_with = "file")]
    pub(crate) local: Option<IpAddr>,
    /// Where to add the virtual IP: lo, or device (for an ipvlan, which receives only packets for its
    /// own addresses)
    #[arg(
        long,
        value_name = "PLACE",
        default_value = "lo",
        conflicts_with = "file"
    )]
    pub(crate) place: ServerPlacement,
}

/// Masqueraded real servers never see the virtual IP.
fn received(text: &str) -> Result<Forward, String> {
    match text.parse()? {
        Forward::Masquerade => Err("a masqueraded real server needs no virtual IP, only the \
            director as its gateway: ip route replace default via DIRECTOR"
            .to_owned()),
        forward => Ok(forward),
    }
}

impl Command {
    #[cfg(test)]
    pub(super) fn set_ups(self) -> Result<Vec<SetUp>, Failure> {
        match self {
            Self::Up(Deferred(which)) => Ok(set_ups(real_servers(which)?)),
            Self::Down(_) => Ok(Vec::new()),
        }
    }

    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        match self {
            Self::Up(Deferred(which)) => {
                set_up_all(session, Repeats::Waited, &set_ups(real_servers(which)?))
            }
            Self::Down(Deferred(Undone::All)) => undo_all(session, Role::RealServer),
            Self::Down(Deferred(Undone::Named(which))) => undo_each(
                session,
                set_ups(real_servers(which)?),
                async |locked, set_up| locked.down(set_up).await,
            ),
        }
    }
}

fn set_ups(servers: Vec<RealServer>) -> Vec<SetUp> {
    servers.into_iter().map(SetUp::from).collect()
}

fn real_servers(which: RealServers) -> Result<Vec<RealServer>, Failure> {
    match (which.typed, which.file) {
        (Some(typed), _) => Ok(vec![configured_server(&typed)?]),
        (None, Some(path)) => named_in(&path, "real-server", |file| file.real_servers),
        (None, None) => Ok(Vec::new()),
    }
}

fn configured_server(set_up: &RealServerSetUp) -> Result<RealServer, Failure> {
    let server = RealServer::new(set_up.vip, set_up.device.clone()).placement(set_up.place);
    match (set_up.forward, set_up.local) {
        (Forward::Tunnel(encapsulation), None) => Ok(server.tunnel(Tunnel::new(encapsulation))),
        (Forward::Tunnel(encapsulation), Some(local)) => {
            Ok(server.tunnel(Tunnel::new(encapsulation).local(local)))
        }
        (_, None) => Ok(server),
        (_, Some(_)) => {
            Err("direct routing has no tunnel endpoint: leave out the local address".into())
        }
    }
}
