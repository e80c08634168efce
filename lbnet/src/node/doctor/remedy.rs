//! What fixes a finding.

mod carry_out;
mod display;
mod fields;
mod open;

use std::{net::IpAddr, path::PathBuf};

pub use carry_out::CarryOutError;
pub use open::Open;

use crate::{Address, AdvertisedMss, DeviceName, HostRoute, Module, Route, Rule, SetUp, Sysctl};

/// One step that fixes a finding, or helps to.
///
/// [`Display`](std::fmt::Display) says it in words. The program `ipvs-rs` prints it as a line to
/// type. A program that embeds this crate can carry it out: [`Remedy::carry_out`].
///
/// # Examples
/// ```
/// use lbnet::{Ipv4Setting, Sysctl, doctor::Remedy};
///
/// let remedy = Remedy::SetSysctl {
///     key: Sysctl::Ipv4(Ipv4Setting::IpForward),
///     value: 1,
/// };
/// assert_eq!(remedy.to_string(), "set net.ipv4.ip_forward to 1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// Set this host up as a director or a real server.
    SetUp(SetUp),
    /// Change what is configured in IPVS.
    Change(ipvs::Change),
    /// Write a setting of the kernel.
    SetSysctl {
        /// Which one.
        key: Sysctl,
        /// Its value.
        value: i64,
    },
    /// Load a module of the kernel.
    LoadModule(Module),
    /// Bring a network device up.
    SwitchOn(DeviceName),
    /// Give a network device a larger MTU. Every host in its network has to accept such packets.
    SetMtu {
        /// Which one.
        device: DeviceName,
        /// Its MTU in bytes.
        mtu: u32,
    },
    /// Delete an address.
    DeleteAddress(Address),
    /// Deprecate an IPv6 address, so that the host does not use it as the source of its own
    /// connections.
    DeprecateAddress(Address),
    /// Add a rule of policy routing.
    AddRule(Rule),
    /// Add a route.
    AddRoute(HostRoute),
    /// Delete a route.
    DeleteRoute(HostRoute),
    /// Lead an existing route to another gateway. The route keeps all its other properties.
    ChangeGateway {
        /// The route as it is.
        route: Route,
        /// The other gateway.
        gateway: IpAddr,
    },
    /// Make another host the default gateway.
    ReplaceDefaultGateway(IpAddr),
    /// Tell clients, over an existing route, to send smaller TCP segments.
    AdvertiseMss(AdvertisedMss),
    /// Send packets to a neighbour, so that the kernel asks for its link-layer address again. If it
    /// answers, nothing is wrong.
    Ping(IpAddr),
    /// Write a configuration file of another program, and create its folder if it is missing.
    WriteFile {
        /// Its path.
        path: PathBuf,
        /// All of its text.
        text: String,
        /// When the program reads it.
        read: ConfigurationRead,
    },
    /// Run a command of another program that manages a part of this host, such as firewalld.
    OfOthers {
        /// The program.
        program: String,
        /// Its arguments.
        arguments: Vec<String>,
    },
    /// Do this on another host.
    OnHost {
        /// An address of the other host.
        host: IpAddr,
        /// What to do there.
        remedy: Box<Remedy>,
    },
    /// Do this from outside, because this process cannot.
    Outside {
        /// What to do there.
        remedy: Box<Remedy>,
        /// What keeps this process from it.
        within: Confinement,
    },
    /// Do something that needs information which only the operator has.
    Open(Open),
}

/// What keeps a process from changing the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Confinement {
    /// `/proc/sys` is read-only, as in most containers.
    ReadOnlySettings,
    /// The kernel asks for a capability in the initial user namespace, and the process is in another one.
    UserNamespace,
}

/// When a program reads a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConfigurationRead {
    /// When the machine boots.
    AtBoot,
    /// When it is told to, which is the next remedy of the finding.
    OnReload,
}

impl Remedy {
    /// A setting of the kernel.
    pub(super) fn set(key: Sysctl, value: i64) -> Self {
        Self::SetSysctl { key, value }
    }

    /// A command of another program.
    pub(super) fn command<'a>(program: &str, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        Self::OfOthers {
            program: program.to_owned(),
            arguments: arguments.into_iter().map(str::to_owned).collect(),
        }
    }

    /// The same from outside.
    pub(super) fn outside(self, within: Confinement) -> Self {
        Self::Outside {
            remedy: Box::new(self),
            within,
        }
    }

    /// The same on another host.
    pub(super) fn on(self, host: IpAddr) -> Self {
        Self::OnHost {
            host,
            remedy: Box::new(self),
        }
    }
}
