use std::fmt;
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16};
use std::str::FromStr;

use crate::ParseError;

/// The role of a sync daemon. A director can run one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum SyncRole {
    /// Sends connection state to other directors.
    #[doc(alias = "IP_VS_STATE_MASTER")]
    Master,
    /// Receives connection state from another director.
    #[doc(alias = "IP_VS_STATE_BACKUP")]
    Backup,
}

impl fmt::Display for SyncRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Master => "master",
            Self::Backup => "backup",
        })
    }
}

impl FromStr for SyncRole {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text {
            "master" => Ok(Self::Master),
            "backup" => Ok(Self::Backup),
            _ => Err(ParseError::SyncRole(text.to_owned())),
        }
    }
}

/// A connection-sync daemon of the kernel. It sends connection state, not configuration, from one
/// director to another by multicast.
///
/// The kernel chooses every parameter that is `None`. A daemon that was read has all parameters.
///
/// # Examples
/// ```
/// use ipvs::{SyncDaemon, SyncRole};
///
/// let master = SyncDaemon::new(SyncRole::Master, "eth0").sync_id(7);
/// assert_eq!(master.to_string(), "master on eth0, sync id 7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct SyncDaemon {
    /// The role.
    pub role: SyncRole,
    /// The network device that it uses, a name of at most 15 bytes. If the device goes down or disappears
    /// later, the daemon keeps running, and nothing restarts it.
    pub interface: String,
    /// The sync id, which groups directors. A backup with id 0 accepts connections from any master.
    pub sync_id: u8,
    /// Maximum length of a message, in bytes: from 1 for a master and from 1024 for a backup, up to 65507,
    /// or up to 65487 in an IPv6 group. Since Linux 4.3.
    pub max_length: Option<NonZeroU16>,
    /// The multicast group. The default is 224.0.0.81. Since Linux 4.3.
    pub group: Option<IpAddr>,
    /// The UDP port. The default is 8848. Since Linux 4.3.
    pub port: Option<NonZeroU16>,
    /// The time to live of messages. The default is 1. Since Linux 4.3.
    pub ttl: Option<NonZeroU8>,
}

impl SyncDaemon {
    /// Creates a daemon on a device, with sync id 0 and default parameters.
    pub fn new(role: SyncRole, interface: impl Into<String>) -> Self {
        Self {
            role,
            interface: interface.into(),
            sync_id: 0,
            max_length: None,
            group: None,
            port: None,
            ttl: None,
        }
    }

    /// Sets the sync id.
    #[must_use]
    pub fn sync_id(mut self, sync_id: u8) -> Self {
        self.sync_id = sync_id;
        self
    }

    /// Sets the maximum length of a message.
    #[must_use]
    pub fn max_length(mut self, bytes: NonZeroU16) -> Self {
        self.max_length = Some(bytes);
        self
    }

    /// Sets the multicast group.
    #[must_use]
    pub fn group(mut self, group: IpAddr) -> Self {
        self.group = Some(group);
        self
    }

    /// Sets the UDP port.
    #[must_use]
    pub fn port(mut self, port: NonZeroU16) -> Self {
        self.port = Some(port);
        self
    }

    /// Sets the time to live of messages.
    #[must_use]
    pub fn ttl(mut self, ttl: NonZeroU8) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// Returns whether a running daemon, which has all parameters, satisfies this request.
    pub fn is_satisfied_by(&self, running: &Self) -> bool {
        fn asked<T: Copy + PartialEq>(wanted: Option<T>, running: Option<T>) -> bool {
            wanted.is_none() || wanted == running
        }
        (self.role, &self.interface, self.sync_id)
            == (running.role, &running.interface, running.sync_id)
            && asked(self.max_length, running.max_length)
            && asked(self.group, running.group)
            && asked(self.port, running.port)
            && asked(self.ttl, running.ttl)
    }
}

impl fmt::Display for SyncDaemon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} on {}, sync id {}",
            self.role, self.interface, self.sync_id
        )?;
        if let Some(group) = self.group {
            write!(f, ", group {group}")?;
        }
        if let Some(port) = self.port {
            write!(f, ", port {port}")?;
        }
        if let Some(ttl) = self.ttl {
            write!(f, ", ttl {ttl}")?;
        }
        if let Some(length) = self.max_length {
            write!(f, ", messages up to {length} bytes")?;
        }
        Ok(())
    }
}
