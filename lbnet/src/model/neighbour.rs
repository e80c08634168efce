//! Hosts on a link, as values.

use crate::{DeviceName, MacAddress};
use serde::Serialize;
use std::net::IpAddr;

/// A host on a link, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Neighbour {
    /// Its address.
    pub address: IpAddr,
    /// The device of this host that it is behind.
    pub device: DeviceName,
    /// Its Ethernet address, if it answered.
    pub mac: Option<MacAddress>,
    /// Whether it answers.
    pub state: NeighbourState,
}

/// Whether a neighbour answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NeighbourState {
    /// It did not long ago, or was told by hand.
    Known,
    /// It did, some time ago; at the next packet it is asked again.
    Stale,
    /// It was asked, and has not answered yet.
    Asked,
    /// It was asked several times and did not answer.
    Silent,
}
