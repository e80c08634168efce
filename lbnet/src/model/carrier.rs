//! Why a device receives nothing, and which device must change.

use crate::{Carrier, DeviceName, Link, LinkKind, LinkState, LowerDevice};
use serde::Serialize;
use std::{fmt, iter};

/// The reason why a device has no carrier: nothing that is sent to it arrives.
///
/// [`Host::missing_carrier`](crate::Host::missing_carrier) returns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NoCarrier {
    /// The device that must change. For a VLAN, this may be the device below it.
    pub must_change: DeviceName,
    /// What is wrong with that device.
    pub reason: NoCarrierReason,
}

/// What is wrong with a device that must change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoCarrierReason {
    /// The device is switched off.
    SwitchedOff,
    /// The device is a bond, a bridge or a team without a port.
    NoPorts,
    /// The device is on, but nothing is connected to it: the cable is unplugged, or the other end
    /// is off.
    NotConnected,
}

impl NoCarrier {
    /// Finds the reason, given all devices of the namespace. Returns `None` if the device has a
    /// carrier.
    pub(crate) fn of(link: &Link, links: &[Link]) -> Option<Self> {
        if is_connected(link, links) {
            return None;
        }
        let below = |link: &&Link| below(link, links);
        // The kernel builds no circles of devices, except for the two ends of a veth pair. The
        // devices may have changed while they were read.
        let last = iter::successors(Some(link), below)
            .take(links.len())
            .last()?;
        Some(Self {
            must_change: last.name.clone(),
            reason: match last.state {
                LinkState::Down => NoCarrierReason::SwitchedOff,
                LinkState::Up if collects_ports(last) && ports(last, links).next().is_none() => {
                    NoCarrierReason::NoPorts
                }
                LinkState::Up => NoCarrierReason::NotConnected,
            },
        })
    }
}

/// Returns whether a device and what it is built on have a carrier.
///
/// A bridge without ports has a carrier until its first port leaves it, and a bond that does not
/// monitor its ports (`miimon 0`) never loses it.
fn is_connected(link: &Link, links: &[Link]) -> bool {
    is_connected_within(link, links, links.len())
}

/// Like [`is_connected`], with the number of devices that may still be looked at.
fn is_connected_within(link: &Link, links: &[Link], left: usize) -> bool {
    let Some(left) = left.checked_sub(1) else {
        return true;
    };
    if link.carrier == Carrier::Missing {
        return false;
    }
    if collects_ports(link) {
        return ports(link, links).any(|it| is_connected_within(it, links, left));
    }
    match lower(link, links) {
        Some(lower) if !is(link, "veth") => is_connected_within(lower, links, left),
        _ => true,
    }
}

fn lower<'a>(link: &Link, links: &'a [Link]) -> Option<&'a Link> {
    match link.lower {
        Some(LowerDevice::Here { index }) => links.iter().find(|it| it.index == index),
        _ => None,
    }
}

/// Returns a device that keeps this one from having a carrier.
fn below<'a>(link: &Link, links: &'a [Link]) -> Option<&'a Link> {
    match (link.state, lower(link, links)) {
        // Either end of a veth pair is switched on by itself.
        (LinkState::Down, Some(_)) if is(link, "veth") => None,
        // The kernel also switches off what is built on a device that is switched off.
        (LinkState::Down, lower) => lower.filter(|it| it.state == LinkState::Down),
        (LinkState::Up, Some(peer)) if is(link, "veth") => {
            (peer.state == LinkState::Down).then_some(peer)
        }
        (LinkState::Up, Some(lower)) => (!is_connected(lower, links)).then_some(lower),
        (LinkState::Up, None) => ports(link, links).find(|it| !is_connected(it, links)),
    }
}

fn ports<'a>(master: &Link, links: &'a [Link]) -> impl Iterator<Item = &'a Link> {
    let index = master.index;
    links.iter().filter(move |link| {
        let of = link.master.as_ref();
        of.is_some_and(|of| of.index == index)
    })
}

fn collects_ports(link: &Link) -> bool {
    ["bond", "bridge", "team"]
        .into_iter()
        .any(|kind| is(link, kind))
}

fn is(link: &Link, kind: &str) -> bool {
    matches!(&link.kind, Some(LinkKind::Other(name)) if name == kind)
}

impl NoCarrierReason {
    /// Says what is wrong with a device, after its name.
    pub(crate) fn state(self) -> &'static str {
        match self {
            Self::SwitchedOff => "is down",
            Self::NoPorts => "has no ports",
            Self::NotConnected => "has no carrier",
        }
    }
}

impl fmt::Display for NoCarrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let device = &self.must_change;
        write!(f, "{device} {}", self.reason.state())?;
        match self.reason {
            NoCarrierReason::SwitchedOff => write!(f, ": ip link set {device} up"),
            NoCarrierReason::NoPorts => Ok(()),
            NoCarrierReason::NotConnected => f.write_str(": check its cable or its other end"),
        }
    }
}
