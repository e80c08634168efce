//! Addresses on devices, as values.

use crate::{DeviceName, Invalid, IpPrefix, model::device::LONGEST_NAME};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

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
/// # Ok::<(), lbnet::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.prefix, self.device)?;
        match &self.label {
            Some(label) if label != self.device.as_str() => write!(f, " as {label}"),
            _ => Ok(()),
        }
    }
}

/// The kernel takes any label of up to 15 bytes; `ip` insists that it starts with the device's
/// name, and lists by that. IPv6 addresses have none.
pub(crate) fn check_label(address: &Address) -> Result<(), Invalid> {
    let Some(label) = &address.label else {
        return Ok(());
    };
    let reason = if address.prefix.address().is_ipv6() {
        "IPv6 addresses have no labels"
    } else if label.len() > LONGEST_NAME {
        "a label has at most 15 bytes"
    } else if !label.starts_with(address.device.as_str()) {
        "a label starts with the name of its device"
    } else if label.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/') {
        "a label has no white space and no slash"
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
            ("10.10.10.100/24", "vip", "starts with the name"),
            ("10.10.10.100/24", "eth0: 0", "white space"),
            (
                "2001:db8::100/128",
                "eth0:0",
                "IPv6 addresses have no labels",
            ),
        ] {
            let error = check_label(&vip(prefix, "eth0").label(label))
                .unwrap_err()
                .to_string();
            assert!(error.contains(reason) && error.contains(label), "{error}");
        }
    }
}
