//! Addresses of network devices, as values.

use crate::{
    DeviceName, Invalid, IpPrefix,
    model::{device::LONGEST_NAME, is_default},
};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// An address to add to a device.
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
/// # Ok::<(), lbnet::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
#[non_exhaustive]
pub struct Address {
    /// The address and its prefix length.
    pub prefix: IpPrefix,
    /// The device that has the address.
    pub device: DeviceName,
    /// The label that older tools such as `ifconfig` show, such as `eth0:0`. IPv4 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The scope in which the address is valid.
    #[serde(default)]
    pub scope: AddressScope,
    /// Whether the kernel may choose the address as source of new connections.
    #[serde(default)]
    pub preference: Preference,
    /// How long the kernel keeps the address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lifetime: Lifetime,
    /// Whether the kernel checks that no other host on the link has the address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub duplicate_detection: DuplicateDetection,
}

/// How long the kernel keeps an address.
///
/// # Units
/// The kernel counts whole seconds; a fraction is rounded up. For an existing address, this is the
/// remaining time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifetime {
    /// The kernel keeps the address until it is deleted.
    #[default]
    Forever,
    /// The kernel deletes it after this time (`valid_lft`).
    For(Duration),
}

/// Whether the kernel checks that no other host on the link has the address before it uses it
/// (duplicate address detection). IPv6 only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateDetection {
    /// The kernel does not check (`nodad`). A VIP must work at once, and real servers have it as an
    /// intended duplicate.
    #[default]
    Skipped,
    /// The kernel checks, which takes one or two seconds.
    Performed,
}

/// The scope in which an address is valid. The kernel ignores it for IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AddressScope {
    /// Valid everywhere (`universe` in the kernel).
    #[default]
    Global,
    /// Valid on the link.
    Link,
    /// Valid on this host.
    Host,
    /// Another number, set by another program.
    Other(u8),
}

/// Whether the kernel may choose an address as source of new connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preference {
    /// The kernel may choose it as source address.
    #[default]
    Source,
    /// The address receives packets, but the kernel starts no new connection from it while there is
    /// another one (`preferred_lft 0`). IPv6 only.
    Deprecated,
}

/// An address that a device has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AddressStatus {
    /// The configuration of the address.
    pub address: Address,
    /// Whether the address is the first of its network on the device.
    pub rank: Rank,
    /// The origin of the address (`IFA_PROTO`), if the kernel stores it (since 5.18) and the
    /// program that added the address set it. Values from 1 to 3 stand for the kernel.
    pub origin: Option<u8>,
    /// What duplicate address detection has found.
    pub duplicate: DuplicateState,
}

/// What the kernel knows about other hosts that have an address. The host does not use an address that
/// is not known to be unique (`IFA_F_TENTATIVE`). IPv6 only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateState {
    /// There is none, or the kernel did not look for one.
    #[default]
    NoneKnown,
    /// The kernel is still looking (`tentative`). It does not begin before the device is connected.
    Checking,
    /// Another host has the address (`dadfailed`).
    Found,
}

impl AddressStatus {
    /// Whether the kernel would delete other ones of these addresses together with this one. It does
    /// not where `promote_secondaries` is on.
    pub(crate) fn has_followers(&self, all: &[Self]) -> bool {
        self.address.prefix.address().is_ipv4() && all.iter().any(|other| self.leads(other))
    }

    /// Whether this is the first address of the network in which the other one is a later one.
    pub(crate) fn leads(&self, other: &Self) -> bool {
        let (first, later) = (&self.address, &other.address);
        self.rank == Rank::Primary
            && other.rank == Rank::Secondary
            && later.device == first.device
            && later.prefix.length() == first.prefix.length()
            && first.prefix.contains(later.prefix.address())
    }
}

/// Whether an IPv4 address is the first of its network on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// The first address of the network.
    Primary,
    /// A later address of the network. The kernel deletes it together with the first, unless
    /// `promote_secondaries` is on.
    Secondary,
}

impl Address {
    /// Creates an address with global scope and no label.
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

    /// Sets how long the kernel keeps the address.
    pub fn lifetime(self, lifetime: Lifetime) -> Self {
        Self { lifetime, ..self }
    }

    /// Sets whether the kernel checks that no other host on the link has the address.
    pub fn duplicate_detection(self, duplicate_detection: DuplicateDetection) -> Self {
        Self {
            duplicate_detection,
            ..self
        }
    }

    /// Sets the label that older tools show.
    pub fn label(self, label: impl Into<String>) -> Self {
        Self {
            label: Some(label.into()),
            ..self
        }
    }

    /// Sets the scope in which the address is valid.
    pub fn scope(self, scope: AddressScope) -> Self {
        Self { scope, ..self }
    }

    /// Sets whether the kernel may choose the address as source of new connections.
    pub fn preference(self, preference: Preference) -> Self {
        Self { preference, ..self }
    }

    /// Returns whether both denote the same entry in the kernel, which is the same address and
    /// prefix length on the same device. Label, scope and preference are properties of that entry.
    pub fn is_same_entry(&self, other: &Self) -> bool {
        self.prefix == other.prefix && self.device == other.device
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

/// Refuses a label that does not suit the address.
///
/// The kernel accepts any label of up to 15 bytes. `ip` requires that it starts with the name of
/// the device, and filters its lists by that. IPv6 addresses have no label.
pub(crate) fn check_label(address: &Address) -> Result<(), Invalid> {
    let Some(label) = &address.label else {
        return Ok(());
    };
    let reason = if address.prefix.address().is_ipv6() {
        "IPv6 addresses cannot have a label"
    } else if label.len() > LONGEST_NAME {
        "a label has at most 15 bytes"
    } else if !label.starts_with(address.device.as_str()) {
        "a label must start with the name of its device"
    } else if label.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/') {
        "a label must not contain white space or a slash"
    } else {
        return Ok(());
    };
    Err(Invalid::Label {
        label: label.clone(),
        device: address.device.to_string(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vip(prefix: &str, device: &str) -> Address {
        Address::new(prefix.parse().unwrap(), device.parse().unwrap())
    }

    #[test]
    fn labels_that_old_tools_would_not_show_are_refused() {
        check_label(&vip("10.10.10.100/24", "eth0").label("eth0:0")).unwrap();
        check_label(&vip("10.10.10.100/24", "eth0").label("eth0")).unwrap();
        for (prefix, label, reason) in [
            ("10.10.10.100/24", "eth0:far-too-long", "at most 15 bytes"),
            ("10.10.10.100/24", "vip", "must start with the name"),
            ("10.10.10.100/24", "eth0: 0", "white space"),
            (
                "2001:db8::100/128",
                "eth0:0",
                "IPv6 addresses cannot have a label",
            ),
        ] {
            let error = check_label(&vip(prefix, "eth0").label(label))
                .unwrap_err()
                .to_string();
            assert!(error.contains(reason) && error.contains(label), "{error}");
        }
    }
}
