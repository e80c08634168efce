//! How to ask a network who has an address, and who answers.

use crate::{DeviceName, MacAddress};
use serde::Serialize;
use std::{fmt, net::IpAddr, num::NonZeroU32, time::Duration};

/// How often to ask a network whether another host has an address.
///
/// The default is three times within 1.5 seconds: a question or its answer may be lost, and a host
/// that saves power may answer late. RFC 5227 asks three times as well but takes up to seven
/// seconds, which is too slow for a director.
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// let probe = lbnet::Probe::default();
/// assert_eq!(probe.longest(), Duration::from_millis(1500));
/// let quick = probe.interval(Duration::from_millis(100));
/// assert_eq!(quick.longest(), Duration::from_millis(300));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Probe {
    pub(crate) rounds: NonZeroU32,
    pub(crate) interval: Duration,
}

impl Probe {
    /// Sets how often to ask for each address.
    pub fn rounds(self, rounds: NonZeroU32) -> Self {
        Self { rounds, ..self }
    }

    /// Sets the time to wait for an answer before asking again, or before giving up.
    pub fn interval(self, interval: Duration) -> Self {
        Self { interval, ..self }
    }

    /// Returns how long a probe takes if nobody answers.
    #[must_use]
    pub fn longest(self) -> Duration {
        self.interval.saturating_mul(self.rounds.get())
    }
}

impl Default for Probe {
    fn default() -> Self {
        const THREE: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);
        Self {
            rounds: THREE,
            interval: Duration::from_millis(500),
        }
    }
}

/// Another host that has an address, or is about to take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Holder {
    /// The address.
    pub address: IpAddr,
    /// The device of this host that leads to the other host.
    pub device: DeviceName,
    /// The Ethernet address of the other host.
    pub mac: MacAddress,
    /// What the other host does with the address.
    pub usage: Usage,
}

/// What another host does with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Usage {
    /// It has the address: it answers for it.
    InUse,
    /// It asks for the address at the same time as this host, in order to take it.
    Probing,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            address,
            device,
            mac,
            usage,
        } = self;
        let usage = match usage {
            Usage::InUse => "in use",
            Usage::Probing => "being taken",
        };
        write!(f, "{address} is {usage} by the host {mac} on {device}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_of_any_length_has_an_end() {
        let probe = Probe::default().interval(Duration::MAX);
        assert_eq!(probe.longest(), Duration::MAX);
    }

    #[test]
    fn a_holder_is_named_by_its_ethernet_address() {
        let holder = Holder {
            address: "10.10.10.100".parse().unwrap(),
            device: "eth0".parse().unwrap(),
            mac: MacAddress([2, 0, 0, 0, 0, 0x2a]),
            usage: Usage::InUse,
        };
        assert_eq!(
            holder.to_string(),
            "10.10.10.100 is in use by the host 02:00:00:00:00:2a on eth0"
        );
    }
}
