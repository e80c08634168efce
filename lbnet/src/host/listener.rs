//! UDP ports on which packets in packets are taken apart (the kernel's `fou`).

mod family;
mod message;

use std::{fmt, io, net::IpAddr, num::NonZeroU16};

use rtnetlink::{packet_core::NLM_F_EXCL, sys::protocols::NETLINK_GENERIC};
use serde::{Deserialize, Serialize};

use crate::{Error, Host, Module, host::netlink::Connection};
use message::{Command, Fou};

/// A UDP port on which the kernel takes packets out of GUE (generic UDP encapsulation).
///
/// What comes out is an IPIP packet as any other, for which there must be a tunnel device too.
///
/// # Examples
/// ```
/// use lbnet::{GueListener, OuterFamily};
///
/// let listener = GueListener::new("6080".parse()?, OuterFamily::Ipv4);
/// assert_eq!(listener.to_string(), "the GUE listener on UDP port 6080 of IPv4");
/// # Ok::<(), std::num::ParseIntError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GueListener {
    /// The port.
    pub port: NonZeroU16,
    /// By what the packets come.
    pub family: OuterFamily,
}

/// The family of the packets on the wire, whatever is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OuterFamily {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

/// A port on which the kernel takes packets apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListenerStatus {
    /// The port.
    pub port: u16,
    /// By what the packets come.
    pub family: OuterFamily,
    /// What is taken apart.
    pub protocol: ListenerProtocol,
    /// Of whose packets.
    pub scope: ListenerScope,
}

/// Whose packets a listener takes apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListenerScope {
    /// All that come to the port.
    All,
    /// Those that come to one address, from one, or by one device.
    Some,
}

/// What a listener takes apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ListenerProtocol {
    /// GUE, which says itself what is in it.
    Gue,
    /// FOU: always a packet of this protocol.
    Direct(u8),
}

impl GueListener {
    /// A listener for GUE on a port.
    pub fn new(port: NonZeroU16, family: OuterFamily) -> Self {
        Self { port, family }
    }

    /// Whether it is the one that is there.
    pub(crate) fn is(self, status: ListenerStatus) -> bool {
        status.port == self.port.get()
            && status.family == self.family
            && status.protocol == ListenerProtocol::Gue
            && status.scope == ListenerScope::All
    }
}

impl Host {
    /// The ports on which the kernel takes packets apart. None if the module `fou` is not loaded.
    ///
    /// Same as `ip fou show`, and `ip -6 fou show`.
    ///
    /// # Kernel
    /// `FOU_CMD_GET` of the generic netlink family `fou`, since 4.1.
    #[doc(alias = "FOU_CMD_GET")]
    pub async fn listeners(&self) -> Result<Vec<ListenerStatus>, Error> {
        let reading = |source| Error::Kernel {
            action: "reading the GUE listeners".to_owned(),
            source,
        };
        let connection = self.generic()?;
        let Some(family) = family::find(&connection).await.map_err(reading)? else {
            return Ok(Vec::new());
        };
        let request = Fou::request(Command::Get, &[], family);
        let answers = connection.dump(request).await.map_err(reading)?;
        let listeners = answers.iter().filter_map(Fou::listener);
        Ok(listeners.collect())
    }

    /// Has the kernel take GUE packets apart on a UDP port.
    ///
    /// Loads the module `fou` if it must. Same as `ip fou add port PORT gue`.
    ///
    /// # Errors
    /// - [`Error::ListenerExists`]: it is there already.
    /// - [`Error::PortInUse`]: somebody else has the port.
    /// - [`Error::MissingModule`]: there is no module `fou`, or loading it needs `CAP_SYS_MODULE`.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `FOU_CMD_ADD` of the generic netlink family `fou`, with type GUE, since 3.18.
    #[doc(alias = "FOU_CMD_ADD")]
    pub async fn add_listener(&self, listener: GueListener) -> Result<(), Error> {
        let action = || format!("adding {listener}");
        let connection = self.generic()?;
        let family = family_or_load(&connection, action()).await?;
        let request = Fou::request(Command::Add, &message::listener(listener), family);
        match connection.change(request, NLM_F_EXCL).await {
            Err(source) if is_taken(&source) => {
                let all = self.listeners().await?;
                Err(if all.into_iter().any(|status| listener.is(status)) {
                    Error::ListenerExists { listener }
                } else {
                    Error::PortInUse { listener }
                })
            }
            other => other.map_err(|source| Error::refused(action(), source)),
        }
    }

    /// Stops taking GUE packets apart on a UDP port.
    ///
    /// Same as `ip fou del port PORT`.
    ///
    /// # Errors
    /// - [`Error::ListenerNotFound`]: it is not there.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `FOU_CMD_DEL` of the generic netlink family `fou`.
    #[doc(alias = "FOU_CMD_DEL")]
    pub async fn delete_listener(&self, listener: GueListener) -> Result<(), Error> {
        let refused = |source| Error::refused(format!("deleting {listener}"), source);
        let connection = self.generic()?;
        let Some(family) = family::find(&connection).await.map_err(refused)? else {
            return Err(Error::ListenerNotFound { listener });
        };
        let request = Fou::request(Command::Delete, &message::listener(listener), family);
        match connection.change(request, 0).await {
            Err(source) if source.kind() == io::ErrorKind::InvalidInput => {
                Err(Error::ListenerNotFound { listener })
            }
            other => other.map_err(refused),
        }
    }

    fn generic(&self) -> Result<Connection<message::Message>, Error> {
        Connection::open(self.netns(), NETLINK_GENERIC)
    }
}

async fn family_or_load(
    connection: &Connection<message::Message>,
    action: String,
) -> Result<u16, Error> {
    let failed = |source| Error::Kernel {
        action: action.clone(),
        source,
    };
    if let Some(family) = family::find(connection).await.map_err(failed)? {
        return Ok(family);
    }
    Module::Fou.load_for(action.clone())?;
    let loaded = family::find(connection).await.map_err(failed)?;
    loaded.ok_or(Error::MissingModule {
        module: Module::Fou.name(),
        what: action,
    })
}

/// The port has a listener already (`EALREADY`), or another socket (`EADDRINUSE`).
fn is_taken(source: &io::Error) -> bool {
    source.kind() == io::ErrorKind::AddrInUse || source.raw_os_error() == Some(nix::libc::EALREADY)
}

impl OuterFamily {
    /// The kernel's number of it.
    fn number(self) -> u8 {
        let number = match self {
            Self::Ipv4 => nix::libc::AF_INET,
            Self::Ipv6 => nix::libc::AF_INET6,
        };
        u8::try_from(number).unwrap_or_default()
    }
}

impl From<IpAddr> for OuterFamily {
    fn from(address: IpAddr) -> Self {
        if address.is_ipv4() {
            Self::Ipv4
        } else {
            Self::Ipv6
        }
    }
}

impl fmt::Display for OuterFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

impl fmt::Display for GueListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the GUE listener on UDP port {} of {}",
            self.port, self.family
        )
    }
}
