//! Names of network devices.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Maximum length of a device name, in bytes. The kernel's limit is 16 with the terminating NUL
/// (`IFNAMSIZ`).
pub(crate) const LONGEST_NAME: usize = 15;

/// The name of a network device, such as `eth0`.
///
/// It holds only names that the kernel accepts for a device, so it can safely be part of a path
/// under `/proc/sys`.
///
/// # Errors
/// - [`Invalid::Device`]: the kernel would not accept the name.
///
/// # Kernel
/// The rule is that of `dev_valid_name`: 1 to 15 bytes, no white space, no `/` or `:`, and neither
/// `.` nor `..`. The names `all` and `default` are refused too: a device with such a name can
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

    /// Takes a name that the kernel reported.
    pub(crate) fn from_kernel(name: String) -> Self {
        Self(name)
    }
}

impl TryFrom<String> for DeviceName {
    type Error = Invalid;

    fn try_from(name: String) -> Result<Self, Invalid> {
        let length = 1..=LONGEST_NAME;
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
        ] {
            assert_eq!(name.parse::<DeviceName>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_would_leave_the_directory_are_refused() {
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "eth0:0",
            "eth 0",
            "sixteen_bytes___",
            "all",
            "default",
        ] {
            let error = name.parse::<DeviceName>().unwrap_err();
            assert!(error.to_string().contains(&format!("{name:?}")), "{error}");
        }
    }
}
