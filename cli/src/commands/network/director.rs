//! `director up`, `director down`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use lbnet::{DeviceName, Director, IpPrefix, Placement, Role, SetUp};

use super::file::named_in;
use super::on_host::{announce_due, set_up_all, undo_all, undo_each};
use super::repeats::Repeats;
use super::undone::Undone;
use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add the virtual IP to this host and announce it; safe to run again
    #[command(
        override_usage = "ipvs-rs director up --vip <ADDRESS[/PREFIX]> --device <DEVICE> [OPTIONS]\n       \
            ipvs-rs director up --file <FILE>",
        after_help = "Add the services first: after this command, clients connect to this host.\n\n\
        Before it adds a virtual IP, the command asks the network for 1.5 seconds whether another host has it \
        (ARP, neighbour discovery). If so, it names that host and changes nothing.\n\n\
        The command ends when each new virtual IP has been announced once. A process in the background \
        announces it twice more, one second apart. Use --wait where background processes are killed: in a \
        container that ends with this command, or in a systemd service without RemainAfterExit. What \
        could not be sent is noted: `director announce` or the next `up` sends it.\n\n\
        Examples:\n  \
        ipvs-rs director up --vip 10.10.10.100/24 --device eth0 --label eth0:0\n  \
        ipvs-rs director up --vip 10.10.10.100/24 --device eth0 --forward masquerade\n  \
        ipvs-rs director up --vip 2001:db8::100 --device eth0\n  \
        ipvs-rs director up --vip 10.10.10.100 --device eth0 --place dummy:ipvs0\n  \
        ipvs-rs director up --file /etc/ipvs-rs/lb.toml\n\n\
        Exit status: 0 set up, or was so already; 1 refused or failed; 2 wrong usage."
    )]
    Up(Deferred<Up>),
    /// Undo what `up` changed, and nothing else; --vip and --device select the set-up
    #[command(
        override_usage = "ipvs-rs director down --vip <ADDRESS[/PREFIX]> --device <DEVICE> \
        [OPTIONS]\n       ipvs-rs director down --file <FILE>\n       ipvs-rs director down --all",
        after_help = "Examples:\n  \
        ipvs-rs director down --vip 10.10.10.100/24 --device eth0\n  \
        ipvs-rs director down --all\n\n\
        What was there before `up`, or is still needed by another set-up, stays.\n\n\
        Exit status: 0 undone, or there was nothing to undo; 1 failed; 2 wrong usage; 5 undone in part, \
        what is left is named."
    )]
    Down(Deferred<Undone<Directors>>),
    /// Send the announcements that are still due
    #[command(
        after_help = "`director up` announces each new virtual IP once. Then it starts this command in the \
        background, which announces it twice more, one second apart, because a frame may be lost. Run \
        this command if that process was killed. It announces only virtual IPs that this host still \
        has.\n\n\
        Exit status: 0 sent, or nothing was due; 1 failed; 2 wrong usage."
    )]
    Announce,
}

#[derive(Args, Debug)]
pub(crate) struct Up {
    #[command(flatten)]
    directors: Directors,
    /// Add the virtual IP even if another host has it, and don't wait to find out; use this to fail over
    #[arg(long, conflicts_with = "unannounced")]
    claim: bool,
    /// Wait until the virtual IP has been announced three times, which takes two seconds; otherwise the
    /// last two announcements are sent in the background
    #[arg(long, conflicts_with = "unannounced")]
    wait: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Directors {
    /// Read the virtual IPs from [director] in this file
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) typed: Option<DirectorSetUp>,
}

/// One virtual IP.
#[derive(Args, Debug)]
pub(crate) struct DirectorSetUp {
    /// Virtual IP with its prefix length, such as 10.10.10.100/24; without one, /32 or /128
    #[arg(
        long,
        value_name = "ADDRESS[/PREFIX]",
        required = false,
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    pub(crate) vip: IpPrefix,
    /// Device on the clients' side
    #[arg(
        long,
        required = false,
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    pub(crate) device: DeviceName,
    /// Address label, such as eth0:0
    #[arg(long, conflicts_with = "file")]
    pub(crate) label: Option<String>,
    /// Where to add the virtual IP: device, lo, dummy:NAME (a dummy device, added if it is missing), or
    /// route (add only a local route, no address)
    #[arg(
        long,
        value_name = "PLACE",
        default_value = "device",
        conflicts_with = "file"
    )]
    pub(crate) place: Placement,
    /// How packets reach the real servers, one or several: direct, masquerade (turns on IP forwarding,
    /// because replies return through this host), tunnel
    #[arg(
        long,
        value_name = "METHOD",
        value_delimiter = ',',
        default_value = "direct",
        hide_possible_values = true,
        conflicts_with = "file"
    )]
    pub(crate) forward: Vec<Method>,
    /// Also be the gateway of real servers with direct routing, on this device
    #[arg(long, value_name = "DEVICE", conflicts_with = "file")]
    pub(crate) gateway: Option<DeviceName>,
    /// Track connections in the firewall's connection table too (conntrack)
    #[arg(long, conflicts_with = "file")]
    pub(crate) conntrack: bool,
    /// Send clients of drained, failed and deleted real servers to others at once: sets
    /// net.ipv4.vs.conn_reuse_mode=3, expire_nodest_conn=1 and expire_quiescent_template=1
    #[arg(long, conflicts_with = "file")]
    pub(crate) reschedule: bool,
    /// Don't send gratuitous ARP, and don't ask whether another host has the virtual IP; use this when
    /// keepalived or similar decides which host has it
    #[arg(long, conflicts_with = "file")]
    pub(crate) unannounced: bool,
}

/// A forwarding method, as far as the director's network depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    Direct,
    Masquerade,
    Tunnel,
}

impl Command {
    #[cfg(test)]
    pub(super) fn set_ups(self) -> Result<Vec<SetUp>, Failure> {
        match self {
            Self::Up(Deferred(up)) => up.set_ups(),
            Self::Down(_) | Self::Announce => Ok(Vec::new()),
        }
    }

    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        match self {
            Self::Up(Deferred(up)) => set_up_all(session, up.repeats(), &up.set_ups()?),
            Self::Announce => announce_due(session),
            Self::Down(Deferred(Undone::All)) => undo_all(session, Role::Director),
            Self::Down(Deferred(Undone::Named(which))) => {
                let all = directors(which)?.into_iter().map(SetUp::from).collect();
                undo_each(session, all, async |locked, set_up| {
                    locked.down(set_up).await
                })
            }
        }
    }
}

impl Up {
    fn repeats(&self) -> Repeats {
        if self.wait {
            Repeats::Waited
        } else {
            Repeats::Background
        }
    }

    fn set_ups(self) -> Result<Vec<SetUp>, Failure> {
        let directors = directors(self.directors)?.into_iter();
        let claimed = |director: Director| {
            if self.claim {
                director.claim()
            } else {
                director
            }
        };
        Ok(directors.map(claimed).map(SetUp::from).collect())
    }
}

fn directors(which: Directors) -> Result<Vec<Director>, Failure> {
    match (which.typed, which.file) {
        (Some(typed), _) => Ok(vec![configured_director(typed)]),
        (None, Some(path)) => named_in(&path, "director", |file| file.directors),
        (None, None) => Ok(Vec::new()),
    }
}

fn configured_director(set_up: DirectorSetUp) -> Director {
    let mut director = Director::new(set_up.vip, set_up.device).placement(set_up.place);
    if let Some(label) = set_up.label {
        director = director.label(label);
    }
    if set_up.forward.contains(&Method::Masquerade) {
        director = director.masquerade();
    }
    if let Some(device) = set_up.gateway {
        director = director.gateway_on(device);
    }
    if set_up.reschedule {
        director = director.reschedule_clients();
    }
    if set_up.conntrack {
        director = director.track_connections();
    }
    if set_up.unannounced {
        director = director.unannounced();
    }
    director
}
