//! Names of network devices.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Maximum length of a device name, in bytes. The kernel's limit is 16 with the terminating NUL
/// (`IFNAMSIZ`).
pub(crate) const LONGEST_NAME: usize = 15;

/// Maximum length of an alternative name, in bytes. The kernel's limit is 128 with the terminating
/// NUL (`ALTIFNAMSIZ`).
const LONGEST_ALTERNATIVE_NAME: usize = 127;

/// The name of a network device, such as `eth0`, or an alternative name of it.
///
/// It holds only names that the kernel accepts for a device, so it can safely be part of a path
/// under `/proc/sys`.
///
/// # Errors
/// - [`Invalid::Device`]: the kernel would not accept the name.
///
/// # Kernel
/// The rule is that of `dev_valid_name`: 1 to 15 bytes, no white space, no `/` or `:`, and neither
/// `.` nor `..`. Alternative names have up to 127 bytes. The names `all` and `default` are refused too: a device with such a name can
/// exist, but it cannot be configured, because the directories of its settings have other meanings.
///
/// # Examples
/// ```
/// let device: lbnet::DeviceName = "eth0".parse()?;
/// assert_eq!(device.as_str(), "eth0");
/// assert!("../../kernel".parse::<lbnet::DeviceName>().is_err());
/// # Ok::<(), lbnet::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeviceName(String);

impl DeviceName {
    /// Returns the loopback device, `lo`. Every network namespace has it from the start.
    pub fn loopback() -> Self {
        Self("lo".to_owned())
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether a device can have this as its name, not only as an alternative name.
    pub(crate) fn is_short(&self) -> bool {
        self.0.len() <= LONGEST_NAME
    }

    /// Takes a name that the kernel reported.
    pub(crate) fn from_kernel(name: String) -> Self {
        Self(name)
    }
}

impl TryFrom<String> for DeviceName {
    type Error = Invalid;

    fn try_from(name: String) -> Result<Self, Invalid> {
        let length = 1..=LONGEST_ALTERNATIVE_NAME;
        let reserved = matches!(name.as_str(), "." | ".." | "all" | "default");
        let forbidden = |c: char| c == '/' || c == ':' || c == '\0' || c.is_whitespace();
        if length.contains(&name.len()) && !reserved && !name.contains(forbidden) {
            Ok(Self(name))
        } else {
            Err(Invalid::Device { name })
        }
    }
}

impl FromStr for DeviceName {
    type Err = Invalid;

    fn from_str(name: &str) -> Result<Self, Invalid> {
        Self::try_from(name.to_owned())
    }
}

impl From<DeviceName> for String {
    fn from(device: DeviceName) -> Self {
        device.0
    }
}

impl AsRef<str> for DeviceName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Returns the names that are like a wrong one, the most similar first.
///
/// `ip` shows `eth0@if4` for a device `eth0` that is built on another device.
pub(crate) fn alike<'a>(
    wrong: &DeviceName,
    names: impl Iterator<Item = &'a DeviceName>,
) -> Vec<DeviceName> {
    let shown = wrong.as_str();
    let name = shown.split_once('@').map_or(shown, |(name, _)| name);
    let mut alike: Vec<_> = names
        .map(|known| (distance(name, known.as_str()), known))
        .filter(|(distance, known)| *distance <= 2 && *distance * 2 < known.0.len())
        .collect();
    alike.sort();
    let nearest = alike.first().map(|(distance, _)| *distance);
    alike.retain(|(distance, _)| Some(*distance) == nearest);
    let names = alike.into_iter().map(|(_, known)| known.clone());
    names.take(3).collect()
}

fn distance(a: &str, b: &str) -> usize {
    strsim::osa_distance(&a.to_lowercase(), &b.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_kernel_gives_are_taken() {
        for name in [
            "lo",
            "eth0",
            "eth0.100",
            "br-1a2b",
            "enp0s31f6",
            "fifteen_bytes__",
            "an_alternative_name_may_be_longer",
        ] {
            assert_eq!(name.parse::<DeviceName>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn the_names_that_are_most_like_a_wrong_one_are_found() {
        let names = ["lo", "eth0", "eth1", "enp3s0", "br-lan"].map(|name| name.parse().unwrap());
        for (wrong, right) in [
            ("eht0", &["eth0"][..]),
            ("eth0@if4", &["eth0"]),
            ("ETH1", &["eth1"]),
            ("eth9", &["eth0", "eth1"]),
            ("enp3s1", &["enp3s0"]),
            ("wlan0", &[]),
        ] {
            let found = alike(&wrong.parse().unwrap(), names.iter());
            let found: Vec<_> = found.iter().map(DeviceName::as_str).collect();
            assert_eq!(found, right, "{wrong}");
        }
    }

    #[test]
    fn names_that_would_leave_the_directory_are_refused() {
        for name in ["", ".", "..", "a/b", "eth0:0", "eth 0", "all", "default"] {
            let error = name.parse::<DeviceName>().unwrap_err();
            assert!(error.to_string().contains(&format!("{name:?}")), "{error}");
        }
    }
}
