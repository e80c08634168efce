//! Neighbours: other hosts on a link, as values.

use crate::{DeviceName, MacAddress};
use serde::Serialize;
use std::net::IpAddr;

/// An entry of the neighbour table: another host on a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Neighbour {
    /// The address of the neighbour.
    pub address: IpAddr,
    /// The device of this host by which the neighbour is reached.
    pub device: DeviceName,
    /// The Ethernet address of the neighbour, if it answered.
    pub mac: Option<MacAddress>,
    /// Whether the neighbour answers.
    pub state: NeighbourState,
}

/// Whether a neighbour answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NeighbourState {
    /// The entry was added by hand and stays: the kernel never asks.
    Permanent,
    /// It answered recently.
    Reachable,
    /// It answered some time ago. The kernel checks again when it next sends a packet to it.
    Stale,
    /// The kernel asked and has no answer yet.
    Incomplete,
    /// The kernel asked several times and got no answer.
    Failed,
}
