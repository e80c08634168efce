//! `director up`, `director down`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use lbnet::{DeviceName, Director, IpPrefix, Placement, Role};
use serde::{Deserialize, Deserializer};

use super::hosts::HostsFile;
use super::on_host::{on_host, undo_all};
use super::undone::Undone;
use crate::ending::{Failure, Outcome};
use crate::session::Session;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take the virtual address and tell the neighbours; a second time changes nothing
    #[command(
        override_usage = "ipvs-rs director up --vip <ADDRESS[/PREFIX]> --device <DEVICE> [OPTIONS]\n       \
            ipvs-rs director up --file <FILE>",
        after_help = "Add the services first: from then on clients find this host.\n\n\
        Examples:\n  \
        ipvs-rs director up --vip 10.10.10.100/24 --device eth0 --label eth0:0\n  \
        ipvs-rs director up --vip 10.10.10.100/24 --device eth0 --forward masquerade\n  \
        ipvs-rs director up --vip 2001:db8::100 --device eth0\n  \
        ipvs-rs director up --vip 10.10.10.100 --device eth0 --place dummy:ipvs0\n  \
        ipvs-rs director up --file /etc/ipvs-rs/lb.toml"
    )]
    Up(Deferred<Directors>),
    /// Undo what `up` changed, and nothing else; --vip and --device say which set-up
    #[command(
        override_usage = "ipvs-rs director down --vip <ADDRESS[/PREFIX]> --device <DEVICE> \
        [OPTIONS]\n       ipvs-rs director down --file <FILE>\n       ipvs-rs director down --all"
    )]
    Down(Deferred<Undone<Directors>>),
}

#[derive(Args, Debug)]
pub(crate) struct Directors {
    /// Take it from [director] of this file, which may have several virtual addresses
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) typed: Option<DirectorSetUp>,
}

/// One virtual address, typed or in a file.
#[derive(Args, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DirectorSetUp {
    /// The virtual address with its prefix: 10.10.10.100/24; without one, the address alone (/32)
    #[arg(
        long,
        value_name = "ADDRESS[/PREFIX]",
        required = false,
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    #[serde(rename = "address")]
    pub(crate) vip: IpPrefix,
    /// The device on the clients' side
    #[arg(
        long,
        required = false,
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    pub(crate) device: DeviceName,
    /// A label for the address, such as eth0:0
    #[arg(long, conflicts_with = "file")]
    #[serde(default)]
    pub(crate) label: Option<String>,
    /// Where the address is: device, lo, dummy:NAME (added if it is not there), or route (nowhere: a
    /// local route alone)
    #[arg(
        long,
        value_name = "PLACE",
        default_value = "device",
        conflicts_with = "file"
    )]
    #[serde(default)]
    pub(crate) place: Place,
    /// How packets get to the real servers, one or several: direct, masquerade (their answers come
    /// back through here: packets are passed on), tunnel
    #[arg(
        long,
        value_name = "METHOD",
        value_delimiter = ',',
        default_value = "direct",
        hide_possible_values = true,
        conflicts_with = "file"
    )]
    #[serde(default, deserialize_with = "one_or_several")]
    pub(crate) forward: Vec<Method>,
    /// Be the gateway on this device of real servers that are reached directly
    #[arg(long, value_name = "DEVICE", conflicts_with = "file")]
    #[serde(default)]
    pub(crate) gateway: Option<DeviceName>,
    /// Keep connections in the firewall's table too
    #[arg(long, conflicts_with = "file")]
    #[serde(default)]
    pub(crate) conntrack: bool,
    /// Tell no neighbours: another program does, such as keepalived
    #[arg(long, conflicts_with = "file")]
    #[serde(default)]
    pub(crate) unannounced: bool,
}

/// How a director passes packets on, as far as its network must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Method {
    Direct,
    Masquerade,
    Tunnel,
}

fn one_or_several<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<Method>, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "direct, masquerade or tunnel, or a list of them"
    )]
    enum Methods {
        One(Method),
        Several(Vec<Method>),
    }
    Ok(match Methods::deserialize(value)? {
        Methods::One(method) => vec![method],
        Methods::Several(methods) => methods,
    })
}

/// Where a director has its VIP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Place(pub(crate) Placement);

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let place = match text {
            "device" => Placement::Device,
            "lo" => Placement::Loopback,
            "route" => Placement::Route,
            _ => match text.strip_prefix("dummy:") {
                Some(name) => Placement::Dummy(
                    name.parse()
                        .map_err(|error: lbnet::Invalid| error.to_string())?,
                ),
                None => return Err("a place is device, lo, route or dummy:NAME".to_owned()),
            },
        };
        Ok(Self(place))
    }
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Outcome {
        match self {
            Self::Up(Deferred(which)) => on_host(
                session,
                &directors(which)?,
                async |host, director: &Director| director.up(host).await,
            ),
            Self::Down(Deferred(Undone::All)) => undo_all(session, Role::Director),
            Self::Down(Deferred(Undone::Named(which))) => {
                let mut all = directors(which)?;
                all.reverse();
                on_host(session, &all, async |host, director: &Director| {
                    director.down(host).await
                })
            }
        }
    }
}

fn directors(which: Directors) -> Result<Vec<Director>, Failure> {
    let set_ups = match (which.typed, which.file) {
        (Some(typed), _) => vec![typed],
        (None, Some(file)) => HostsFile::read(&file)?.directors(&file)?,
        (None, None) => Vec::new(),
    };
    Ok(set_ups.into_iter().map(configured_director).collect())
}

fn configured_director(set_up: DirectorSetUp) -> Director {
    let Place(placement) = set_up.place;
    let mut director = Director::new(set_up.vip, set_up.device).placement(placement);
    if let Some(label) = set_up.label {
        director = director.label(label);
    }
    if set_up.forward.contains(&Method::Masquerade) {
        director = director.masquerade();
    }
    if let Some(device) = set_up.gateway {
        director = director.gateway_on(device);
    }
    if set_up.conntrack {
        director = director.track_connections();
    }
    if set_up.unannounced {
        director = director.unannounced();
    }
    director
}
