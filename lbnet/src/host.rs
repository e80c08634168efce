//! A handle to the network of one namespace.

mod address;
pub(crate) mod announce;
mod ethernet;
mod followed;
mod link;
mod listener;
pub(crate) mod module;
mod neighbour;
pub(crate) mod netlink;
pub(crate) mod netns;
mod probe;
mod route;
mod rule;
pub(crate) mod runtime;
pub(crate) mod sysctl;

use std::path::{Path, PathBuf};

use rtnetlink::{packet_route::RouteNetlinkMessage, sys::protocols::NETLINK_ROUTE};

use crate::{Error, Netns, Probe, model::netns::NamespaceRecord};
use followed::Followed;
pub(crate) use followed::Following;
use netlink::Connection;

/// The default directory of journals. A reboot empties it and also ends the changes that the
/// journals describe.
const JOURNAL_DIRECTORY: &str = "/run/ipvs-rs";

/// The network of one namespace. Every operation of this crate uses it.
///
/// It holds a routing socket of the namespace. Its methods read and change single things (links,
/// addresses, routes, settings) and record nothing. [`Director`] and [`RealServer`] make such
/// changes in a safe order and record them in a journal.
///
/// [`Director`]: crate::Director
/// [`RealServer`]: crate::RealServer
#[derive(Debug)]
pub struct Host {
    netns: Netns,
    netlink: Connection<RouteNetlinkMessage>,
    cookie: Option<u64>,
    journal_directory: PathBuf,
    probe: Probe,
    followed: Followed,
}

impl Host {
    /// Opens the network of a namespace.
    ///
    /// A task on the current runtime serves the socket. The task ends when this value is dropped. A
    /// single-threaded runtime is enough.
    ///
    /// # Errors
    /// - [`Error::NoRuntime`]: the call was made outside a tokio runtime.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_SYS_ADMIN`, which a namespace other
    ///   than the caller's requires.
    ///
    /// # Panics
    /// Panics if the runtime was built without `enable_io` (or `enable_all`). Requests need
    /// `enable_time` as well.
    pub fn open(netns: Netns) -> Result<Self, Error> {
        let netlink = Connection::open(&netns, NETLINK_ROUTE)?;
        let cookie = netns.run(netns::cookie)?;
        Ok(Self {
            netns,
            netlink,
            cookie,
            journal_directory: JOURNAL_DIRECTORY.into(),
            probe: Probe::default(),
            followed: Followed::default(),
        })
    }

    /// Sets the directory of the journal, instead of `/run/ipvs-rs`.
    ///
    /// Use the same directory to set something up and to take it down. Choose one that a reboot
    /// empties.
    #[must_use]
    pub fn journal_directory(self, directory: impl Into<PathBuf>) -> Self {
        Self {
            journal_directory: directory.into(),
            ..self
        }
    }

    /// Sets how often and how long to ask the network whether another host has a new VIP, instead
    /// of three times within 1.5 seconds.
    #[must_use]
    pub fn probing(self, probe: Probe) -> Self {
        Self { probe, ..self }
    }

    /// Returns the namespace.
    pub fn netns(&self) -> &Netns {
        &self.netns
    }

    pub(crate) fn netlink(&self) -> &Connection<RouteNetlinkMessage> {
        &self.netlink
    }

    /// Reads each table only once while the returned value exists, and keeps what was read up to date
    /// by the kernel's notifications.
    pub(crate) fn follow(&self) -> Result<Following<'_>, Error> {
        self.followed.begin(&self.netns)
    }

    pub(crate) fn probe_timing(&self) -> Probe {
        self.probe
    }

    pub(crate) fn journal_path(&self) -> &Path {
        &self.journal_directory
    }

    pub(crate) fn namespace_record(&self) -> NamespaceRecord {
        NamespaceRecord {
            id: self.netns.id(),
            cookie: self.cookie,
        }
    }
}
