//! The kernel's settings of IPVS, `net.ipv4.vs.*`: what each does, its default, its range, and since
//! when it is there.
//!
//! They belong to a network namespace, which begins with the defaults, and are there while `ip_vs` is
//! loaded. Reading needs no privilege in the client's own namespace. In a namespace of another user
//! than root's they are missing up to Linux 6.9, and some can only be read from then on.
//!
//! # Examples
//! ```no_run
//! use ipvs::{Client, settings};
//!
//! let ipvs = Client::open()?;
//! // Clients of a server with weight 0 go to another one, also where they are persistent.
//! ipvs.set_setting(&settings::EXPIRE_QUIESCENT_TEMPLATE, true)?;
//! assert!(ipvs.setting(&settings::EXPIRE_QUIESCENT_TEMPLATE)?);
//! # Ok::<(), ipvs::Error>(())
//! ```
//! One that this version does not know:
//! ```no_run
//! # use ipvs::{Client, settings};
//! let knob = settings::other("of_a_newer_kernel")?;
//! Client::open()?.set_setting(&knob, "7".to_owned())?;
//! # Ok::<(), ipvs::Error>(())
//! ```
//! What was changed from the kernel's defaults:
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

/// One of the settings, and the type of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    name: Cow<'static, str>,
    default: Option<T>,
    range: Option<RangeInclusive<i64>>,
    since: Option<&'static str>,
}

impl<T> Setting<T> {
    /// Its name under `net.ipv4.vs`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a network namespace begins with; `None` where that depends on the machine, or is not
    /// known.
    pub fn default(&self) -> Option<&T> {
        self.default.as_ref()
    }

    /// Since which version of Linux it is there; `None` is since before 2.6.28, or not known.
    pub fn since(&self) -> Option<&'static str> {
        self.since
    }

    /// Which numbers the kernel takes, where it does not take any.
    pub fn range(&self) -> Option<&RangeInclusive<i64>> {
        self.range.as_ref()
    }
}

impl<T: Value> Setting<T> {
    /// What the kernel would be told.
    ///
    /// # Errors
    /// [`Invalid::Setting`] for a value out of its range.
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

/// A setting that this version does not know, as text.
///
/// # Errors
/// [`Invalid::SettingName`] where it is no name of a setting.
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

/// What is known of a setting, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Description {
    /// Its name under `net.ipv4.vs`.
    pub name: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// What a network namespace begins with, where that does not depend on the machine.
    pub default: Option<String>,
    /// Which numbers the kernel takes, where it does not take any.
    pub range: Option<RangeInclusive<i64>>,
    /// Since which version of Linux it is there; `None` is since before 2.6.28.
    pub since: Option<&'static str>,
}

#[cfg(test)]
mod tests;
