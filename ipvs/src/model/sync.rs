use std::fmt;
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16};
use std::str::FromStr;

use crate::ParseError;

/// What a sync daemon does. A director may run one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum SyncRole {
    /// Tells other directors about this one's connections.
    #[doc(alias = "IP_VS_STATE_MASTER")]
    Master,
    /// Learns of the connections of another director.
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

/// A daemon of the kernel's that carries connections, not configuration, from one director to
/// another, by multicast.
///
/// What is left `None` the kernel chooses; a daemon that was read has all of it.
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
    /// What it does.
    pub role: SyncRole,
    /// The device that it speaks on, at most 15 bytes. It may go down or away later: the daemon runs
    /// on, and nothing starts it anew.
    pub interface: String,
    /// Which directors belong together. 0 on a backup takes connections of any.
    pub sync_id: u8,
    /// The longest message in bytes: for a master from 1, for a backup from 1024, to 65507, or to
    /// 65487 in an IPv6 group. Since Linux 4.3.
    pub max_length: Option<NonZeroU16>,
    /// The multicast group, 224.0.0.81 unless set. Since Linux 4.3.
    pub group: Option<IpAddr>,
    /// The UDP port, 8848 unless set. Since Linux 4.3.
    pub port: Option<NonZeroU16>,
    /// How many routers a message may pass, 1 unless set. Since Linux 4.3.
    pub ttl: Option<NonZeroU8>,
}

impl SyncDaemon {
    /// A daemon on a device, with sync id 0 and the kernel's choice of the rest.
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

    /// Sets which directors it belongs to.
    #[must_use]
    pub fn sync_id(mut self, sync_id: u8) -> Self {
        self.sync_id = sync_id;
        self
    }

    /// Sets the longest message.
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

    /// Sets how many routers a message may pass.
    #[must_use]
    pub fn ttl(mut self, ttl: NonZeroU8) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// Whether a running daemon, whose every parameter is known, is as this one asks for.
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
