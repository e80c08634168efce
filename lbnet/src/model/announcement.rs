//! How often neighbours are told of an address, and what they were told.

use crate::MacAddress;
use serde::{Deserialize, Serialize};
use std::{num::NonZeroU32, time::Duration};

/// How often an address is announced.
///
/// By default three times, one second apart: Linux ignores a change of a neighbour within a second
/// of the last one, and a frame may be lost.
///
/// # Units
/// The interval is written as seconds and nanoseconds by serde.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct Announcement {
    pub(crate) rounds: NonZeroU32,
    pub(crate) interval: Duration,
}

impl Announcement {
    /// Sets how many times.
    pub fn rounds(self, rounds: NonZeroU32) -> Self {
        Self { rounds, ..self }
    }

    /// Sets the time between two rounds.
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

/// What was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Announced {
    /// The Ethernet address that the neighbours were told.
    pub mac: MacAddress,
    /// How many times.
    pub rounds: u32,
}
