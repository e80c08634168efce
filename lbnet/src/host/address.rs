//! Addresses on devices.

mod message;

use std::{fmt, io, time::Duration};

pub(crate) use message::check_label;

use rtnetlink::{
    packet_core::{NLM_F_CREATE, NLM_F_EXCL},
    packet_route::{RouteNetlinkMessage, address::AddressMessage},
};
use serde::{Deserialize, Serialize};

use crate::{DeviceName, Error, Host, IpPrefix};

/// An address on a device, as it is asked for.
///
/// # Examples
/// ```
/// use lbnet::{Address, AddressScope};
///
/// let on_director = Address::new("192.0.2.100/24".parse()?, "eth0".parse()?).label("eth0:0");
/// assert_eq!(on_director.to_string(), "192.0.2.100/24 on eth0 as eth0:0");
///
/// let on_real_server =
///     Address::new("192.0.2.100/32".parse()?, "lo".parse()?).scope(AddressScope::Host);
/// # Ok::<(), lbnet::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
#[non_exhaustive]
pub struct Address {
    /// The address and the length of its network prefix.
    pub prefix: IpPrefix,
    /// The device that carries it.
    pub device: DeviceName,
    /// The name under which old tools list it, such as `eth0:0`. IPv4 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How far the address means something.
    #[serde(default)]
    pub scope: AddressScope,
    /// Whether connections may start from it.
    #[serde(default)]
    pub preference: Preference,
    /// How long it stays.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lifetime: Lifetime,
    /// Whether the kernel looks for somebody else who has it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub duplicate_detection: DuplicateDetection,
}

/// How long an address stays.
///
/// # Units
/// The kernel counts whole seconds; parts of one are rounded up. Of an address that is there it is
/// the time that is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifetime {
    /// Until it is deleted.
    #[default]
    Forever,
    /// The kernel deletes it after this time (`valid_lft`).
    For(Duration),
}

/// Whether the kernel looks for somebody else on the link who has the address, and does not use it
/// until it is sure. IPv6 only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateDetection {
    /// It does not (`nodad`): a VIP must work at once, and on real servers it is a duplicate by
    /// intent.
    #[default]
    Skipped,
    /// It does, for one or two seconds.
    Performed,
}

/// What need not be written.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How far an address means something. The kernel ignores it for IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AddressScope {
    /// Everywhere (the kernel's `universe`).
    #[default]
    Global,
    /// On the link.
    Link,
    /// On this host.
    Host,
    /// Another number, as somebody else set it.
    Other(u8),
}

/// Whether connections may start from an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preference {
    /// It may be chosen as source.
    #[default]
    Source,
    /// It receives, but no new connection starts from it while there is another (`preferred_lft
    /// 0`). IPv6 only.
    Deprecated,
}

/// An address that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AddressStatus {
    /// How it is configured.
    pub address: Address,
    /// Whether it lives on its own, or with another address of its network.
    pub rank: Rank,
    /// Who added it (`IFA_PROTO`), where the kernel keeps that (since 5.18) and the one who added
    /// it said so. 1 to 3 is the kernel itself.
    pub origin: Option<u8>,
}

/// Whether an IPv4 address is the first of its network on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// The first one.
    Primary,
    /// A later one: deleted together with the first, unless `promote_secondaries` is on.
    Secondary,
}

impl Address {
    /// An address with global scope and no label.
    pub fn new(prefix: IpPrefix, device: DeviceName) -> Self {
        Self {
            prefix,
            device,
            label: None,
            scope: AddressScope::default(),
            preference: Preference::default(),
            lifetime: Lifetime::default(),
            duplicate_detection: DuplicateDetection::default(),
        }
    }

    /// Sets how long it stays.
    pub fn lifetime(self, lifetime: Lifetime) -> Self {
        Self { lifetime, ..self }
    }

    /// Sets whether the kernel looks for somebody else who has it.
    pub fn duplicate_detection(self, duplicate_detection: DuplicateDetection) -> Self {
        Self {
            duplicate_detection,
            ..self
        }
    }

    /// Sets the name under which old tools list it.
    pub fn label(self, label: impl Into<String>) -> Self {
        Self {
            label: Some(label.into()),
            ..self
        }
    }

    /// Sets how far it means something.
    pub fn scope(self, scope: AddressScope) -> Self {
        Self { scope, ..self }
    }

    /// Sets whether connections may start from it.
    pub fn preference(self, preference: Preference) -> Self {
        Self { preference, ..self }
    }

    /// Whether both stand for the same entry in the kernel: the same address and prefix length on
    /// the same device. Label, scope and preference are properties of that entry.
    pub fn is_same_entry(&self, other: &Self) -> bool {
        self.prefix == other.prefix && self.device == other.device
    }
}

impl Host {
    /// All addresses of the namespace, IPv4 and IPv6.
    ///
    /// Same as `ip address show`.
    pub async fn addresses(&self) -> Result<Vec<AddressStatus>, Error> {
        let reading = |source| Error::Kernel {
            action: "reading the addresses".to_owned(),
            source,
        };
        let request = RouteNetlinkMessage::GetAddress(AddressMessage::default());
        let messages = self.netlink().dump(request).await.map_err(reading)?;
        let names = self.device_names().await?;
        let addresses = messages.into_iter().filter_map(|message| match message {
            RouteNetlinkMessage::NewAddress(message) => {
                // A device that came between the two dumps has no name yet: leave its addresses
                // out.
                let device = names.get(&message.header.index)?.clone();
                message::parse(message, device)
            }
            _ => None,
        });
        Ok(addresses.collect())
    }

    /// Adds an address, marked as added by this crate.
    ///
    /// Does not announce the address: see [`Host::announce`].
    ///
    /// Same as `ip address add`.
    ///
    /// # Errors
    /// - [`Error::AddressExists`]: it is there already.
    /// - [`Error::NoSuchDevice`]: there is no such device.
    /// - [`Error::InvalidLabel`]: the label is too long, or not the device's.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_NEWADDR`. The mark is `IFA_PROTO`, kept since 5.18 and ignored before.
    #[doc(alias = "RTM_NEWADDR")]
    pub async fn add_address(&self, address: &Address) -> Result<(), Error> {
        check_label(address)?;
        let link = self.link(&address.device).await?;
        let request = RouteNetlinkMessage::NewAddress(message::new(address, link.index));
        match self
            .netlink()
            .change(request, NLM_F_CREATE | NLM_F_EXCL)
            .await
        {
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::AddressExists {
                    address: address.clone(),
                })
            }
            other => other.map_err(|source| Error::refused(format!("adding {address}"), source)),
        }
    }

    /// Deletes an address.
    ///
    /// If it is the first of several IPv4 addresses of its network on the device, the kernel
    /// deletes the others with it unless `promote_secondaries` is on.
    ///
    /// Same as `ip address delete`.
    ///
    /// # Errors
    /// - [`Error::AddressNotFound`]: it is not there.
    /// - [`Error::NoSuchDevice`]: there is no such device.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_DELADDR`.
    #[doc(alias = "RTM_DELADDR")]
    pub async fn delete_address(&self, address: &Address) -> Result<(), Error> {
        let link = self.link(&address.device).await?;
        let request = RouteNetlinkMessage::DelAddress(message::key(address, link.index));
        match self.netlink().change(request, 0).await {
            Err(source) if source.kind() == io::ErrorKind::AddrNotAvailable => {
                Err(Error::AddressNotFound {
                    address: address.clone(),
                })
            }
            other => other.map_err(|source| Error::refused(format!("deleting {address}"), source)),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.prefix, self.device)?;
        match &self.label {
            Some(label) if label != self.device.as_str() => write!(f, " as {label}"),
            _ => Ok(()),
        }
    }
}
