//! How an address is announced to the neighbours, and what was announced.

use crate::MacAddress;
use serde::{Deserialize, Serialize};
use std::{num::NonZeroU32, time::Duration};

/// How often to announce an address.
///
/// The default is three times, one second apart. One announcement is not enough: a
/// frame may be lost, for example while a switch learns where this host is.
///
/// # Units
/// serde writes the interval as seconds and nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct Announcement {
    pub(crate) rounds: NonZeroU32,
    pub(crate) interval: Duration,
}

impl Announcement {
    /// Sets the number of announcements.
    pub fn rounds(self, rounds: NonZeroU32) -> Self {
        Self { rounds, ..self }
    }

    /// Sets the time between two announcements.
    pub fn interval(self, interval: Duration) -> Self {
        Self { interval, ..self }
    }
}

impl Default for Announcement {
    fn default() -> Self {
        const THREE: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);
        Self {
            rounds: THREE,
            interval: Duration::from_secs(1),
        }
    }
}

/// An announcement that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Announced {
    /// The Ethernet address that was announced.
    pub mac: MacAddress,
    /// The number of announcements that were sent.
    pub rounds: u32,
    /// The number of repeats that are still to be sent.
    pub left: u32,
}
