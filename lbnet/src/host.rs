//! The handle on one namespace's network.

mod address;
mod announce;
mod link;
mod listener;
pub(crate) mod module;
mod neighbour;
pub(crate) mod netlink;
pub(crate) mod netns;
mod route;
pub(crate) mod runtime;
pub(crate) mod sysctl;

use std::path::{Path, PathBuf};

use rtnetlink::{packet_route::RouteNetlinkMessage, sys::protocols::NETLINK_ROUTE};

use crate::{Error, Netns, model::netns::NamespaceRecord};
use netlink::Connection;

/// Where records of changes are kept unless told otherwise: gone after a reboot, as the changes
/// are.
const JOURNAL_DIRECTORY: &str = "/run/ipvs-rs";

/// The network of one namespace: what all else in this crate works on.
///
/// Holds a routing socket of the namespace. Its methods read and change single things (links,
/// addresses, routes, settings) and record nothing; [`Director`] and [`RealServer`] put them in
/// order and keep a journal of what they changed.
///
/// [`Director`]: crate::Director
/// [`RealServer`]: crate::RealServer
#[derive(Debug)]
pub struct Host {
    netns: Netns,
    netlink: Connection<RouteNetlinkMessage>,
    cookie: Option<u64>,
    journal_directory: PathBuf,
}

impl Host {
    /// Opens a namespace's network.
    ///
    /// The socket is served by a task on the current runtime, which ends with this value. A runtime
    /// of one thread is enough.
    ///
    /// # Errors
    /// - [`Error::NoRuntime`]: not called within a tokio runtime.
    /// - [`Error::PermissionDenied`]: a namespace other than the caller's needs `CAP_SYS_ADMIN`.
    ///
    /// # Panics
    /// If the runtime was built without `enable_io` (or `enable_all`). Requests need `enable_time`
    /// as well.
    pub fn open(netns: Netns) -> Result<Self, Error> {
        let netlink = Connection::open(&netns, NETLINK_ROUTE)?;
        let cookie = netns.run(netns::cookie)?;
        Ok(Self {
            netns,
            netlink,
            cookie,
            journal_directory: JOURNAL_DIRECTORY.into(),
        })
    }

    /// Keeps the journal elsewhere than in `/run/ipvs-rs`.
    ///
    /// Whoever takes something down must name the same directory as whoever set it up. It should be
    /// one that a reboot empties.
    #[must_use]
    pub fn journal_directory(self, directory: impl Into<PathBuf>) -> Self {
        Self {
            journal_directory: directory.into(),
            ..self
        }
    }

    /// The namespace.
    pub fn netns(&self) -> &Netns {
        &self.netns
    }

    pub(crate) fn netlink(&self) -> &Connection<RouteNetlinkMessage> {
        &self.netlink
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
