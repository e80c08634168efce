//! The IPVS settings of the kernel, `net.ipv4.vs.*`: what each does, its default, its range, and the
//! Linux version that introduced it.
//!
//! Each network namespace has its own settings and starts with the defaults. The settings exist while
//! `ip_vs` is loaded. Reading needs no privilege in the client's own namespace. A network namespace of
//! an unprivileged user namespace has no settings up to Linux 6.9; later kernels show them there, some
//! read-only.
//!
//! # Examples
//! ```no_run
//! use ipvs::{Client, settings};
//!
//! let ipvs = Client::open()?;
//! // Persistent clients of a server with weight 0 get another server.
//! ipvs.set_setting(&settings::EXPIRE_QUIESCENT_TEMPLATE, true)?;
//! assert!(ipvs.setting(&settings::EXPIRE_QUIESCENT_TEMPLATE)?);
//! # Ok::<(), ipvs::Error>(())
//! ```
//! A setting that this version of the library does not know:
//! ```no_run
//! # use ipvs::{Client, settings};
//! let knob = settings::other("of_a_newer_kernel")?;
//! Client::open()?.set_setting(&knob, "7".to_owned())?;
//! # Ok::<(), ipvs::Error>(())
//! ```
//! Print the settings that differ from the kernel's defaults:
//! ```no_run
//! # use ipvs::{Client, settings};
//! for (name, value) in Client::open()?.settings()? {
//!     let default = settings::description(&name).and_then(|known| known.default);
//!     if default.is_some_and(|default| default != value) {
//!         println!("net.ipv4.vs.{name} = {value}");
//!     }
//! }
//! # Ok::<(), ipvs::Error>(())
//! ```

mod access;
mod known;
mod value;

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use crate::Invalid;

pub use known::*;
pub use value::{ConnectionReuse, Defense, SyncThreshold, Value};

/// A setting with the type of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    name: Cow<'static, str>,
    default: Option<T>,
    range: Option<RangeInclusive<i64>>,
    since: Option<&'static str>,
}

impl<T> Setting<T> {
    /// The name under `net.ipv4.vs`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the default, with which a network namespace starts. `None` if it depends on the machine
    /// or is unknown.
    pub fn default(&self) -> Option<&T> {
        self.default.as_ref()
    }

    /// Returns the Linux version that introduced the setting. `None` if it is older than 2.6.28 or
    /// unknown.
    pub fn since(&self) -> Option<&'static str> {
        self.since
    }

    /// The numbers that the kernel accepts. `None` if it accepts any.
    pub fn range(&self) -> Option<&RangeInclusive<i64>> {
        self.range.as_ref()
    }
}

impl<T: Value> Setting<T> {
    /// Formats a value for the kernel.
    ///
    /// # Errors
    /// [`Invalid::Setting`]: the value is out of range.
    pub(crate) fn text(&self, value: &T) -> Result<String, Invalid> {
        let text = value.write();
        let is_in_range = match &self.range {
            Some(range) => text.parse().is_ok_and(|number| range.contains(&number)),
            None => true,
        };
        if value.is_possible() && is_in_range {
            return Ok(text);
        }
        Err(Invalid::Setting {
            name: self.name.clone().into_owned(),
            value: text,
        })
    }
}

impl<T> fmt::Display for Setting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "net.ipv4.vs.{}", self.name)
    }
}

/// Creates a setting that this version of the library does not know. Its value is text.
///
/// # Errors
/// [`Invalid::SettingName`]: the name cannot be the name of a setting.
pub fn other(name: &str) -> Result<Setting<String>, Invalid> {
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name {
        return Err(Invalid::SettingName(name.to_owned()));
    }
    Ok(Setting {
        name: Cow::Owned(name.to_owned()),
        default: None,
        range: None,
        since: None,
    })
}

/// The description of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Description {
    /// The name under `net.ipv4.vs`.
    pub name: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// The default, if it does not depend on the machine.
    pub default: Option<String>,
    /// The numbers that the kernel accepts. `None` if it accepts any.
    pub range: Option<RangeInclusive<i64>>,
    /// The Linux version that introduced it. `None` if it is older than 2.6.28.
    pub since: Option<&'static str>,
}

#[cfg(test)]
mod tests;
