//! What a set-up did, step by step.

mod display;

use std::net::IpAddr;

use serde::Serialize;

use crate::{
    Address, AdvertisedMss, Announced, Decapsulation, DeviceName, GueListener, HostRoute, NewLink,
    SetUpId, Sysctl,
};

/// The steps of one `up` or `down`, in their order. Each step is one line of text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    steps: Vec<Step>,
}

/// One step: what it was about, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "subject", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step {
    /// An address on a device.
    Address {
        /// Which.
        address: Address,
        /// What came of it.
        #[serde(flatten)]
        outcome: ObjectOutcome,
    },
    /// A virtual device.
    Link {
        /// Which.
        link: NewLink,
        /// What came of it.
        #[serde(flatten)]
        outcome: ObjectOutcome,
    },
    /// A GUE listener.
    Listener {
        /// Which.
        listener: GueListener,
        /// What came of it.
        #[serde(flatten)]
        outcome: ObjectOutcome,
    },
    /// A host route.
    Route {
        /// Which.
        route: HostRoute,
        /// What came of it.
        #[serde(flatten)]
        outcome: ObjectOutcome,
    },
    /// A setting of the kernel.
    Sysctl {
        /// Which.
        key: Sysctl,
        /// What came of it.
        #[serde(flatten)]
        outcome: SysctlOutcome,
    },
    /// Telling the neighbours about a VIP.
    Announcement {
        /// Which.
        vip: IpAddr,
        /// Where.
        device: DeviceName,
        /// What came of it.
        #[serde(flatten)]
        outcome: AnnouncementOutcome,
    },
    /// Packets that do not fit through a tunnel: something to know, nothing was done.
    LargestPacket {
        /// Which, and what can be done.
        #[serde(flatten)]
        advice: LargestPacket,
    },
    /// The journal has nothing about this set-up.
    NothingToUndo {
        /// Whose set-up was to be undone.
        set_up: SetUpId,
    },
}

/// Clients' packets that do not fit through a tunnel. A director asks for smaller ones, which
/// clients behind a firewall that drops ICMP never hear: what is large hangs for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LargestPacket {
    /// How packets are put into packets.
    #[serde(rename = "tunnel")]
    pub decapsulation: Decapsulation,
    /// The device that they come by.
    pub device: DeviceName,
    /// The largest packet on that device, in bytes, taken to be the same all the way.
    pub mtu: u32,
    /// The largest packet of a client, in bytes.
    pub largest: u32,
    /// The largest TCP segment to tell clients of (`advmss`), in bytes.
    pub segment: u32,
    /// The route by which all clients are answered, and what to tell them on it, if there is one.
    pub remedy: Option<AdvertisedMss>,
}

/// What came of an address, a device, a listener or a route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ObjectOutcome {
    /// It was added.
    Added,
    /// It was there.
    AlreadyThere,
    /// It was there, and switched off.
    SwitchedOn,
    /// It was deleted.
    Deleted,
    /// Somebody else deleted it before.
    AlreadyGone,
    /// It stays, because somebody else added it.
    NotOurs,
    /// It stays, because somebody else uses it: a device on which he put addresses.
    UsedByOthers,
    /// It stays, because another set-up needs it.
    StillNeeded {
        /// Whose.
        by: SetUpId,
    },
}

/// What came of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SysctlOutcome {
    /// It got a new value.
    Set {
        /// The new value.
        value: i64,
        /// The old one.
        was: i64,
    },
    /// It had a value that will do.
    AlreadySet {
        /// That value.
        value: i64,
    },
    /// It got its old value back.
    Restored {
        /// The old value.
        value: i64,
        /// The one it had until now.
        was: i64,
    },
    /// Somebody else gave it its old value back before.
    AlreadyRestored {
        /// The old value.
        value: i64,
    },
    /// It does not exist any more, as its device.
    AlreadyGone,
    /// It stays, because somebody else changed it since.
    ChangedMeanwhile {
        /// Its value.
        value: i64,
        /// The value that it was given by the set-up.
        set_to: i64,
        /// The value that it had before the set-up.
        was: i64,
    },
    /// It stays, because another set-up needs it.
    StillNeeded {
        /// Its value.
        value: i64,
        /// Whose.
        by: SetUpId,
    },
}

/// What came of an announcement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnnouncementOutcome {
    /// The neighbours were told.
    Announced(Announced),
    /// Nothing is new: the VIP was there already.
    NothingNew,
    /// The device is down: nobody would hear it.
    LinkDown,
    /// The device has no neighbours that would listen.
    NoNeighbours,
    /// The VIP is not on the device: for IPv6 nobody is answered then, and it has to be routed here.
    NotOnDevice,
}

/// Whether a step changed the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It did.
    Changed,
    /// All was as it should be.
    Unchanged,
    /// All is not as it should be, or would have been, and was left so on purpose.
    LeftAlone,
}

impl Report {
    /// What was done, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether anything on the host was changed.
    pub fn changed(&self) -> bool {
        self.steps
            .iter()
            .any(|step| step.effect() == Effect::Changed)
    }

    pub(crate) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Whether one of the steps is about this address.
    pub(crate) fn mentions(&self, wanted: &Address) -> bool {
        self.steps.iter().any(|step| match step {
            Step::Address { address, .. } => address.is_same_entry(wanted),
            _ => false,
        })
    }
}

impl Extend<Step> for Report {
    fn extend<T: IntoIterator<Item = Step>>(&mut self, steps: T) {
        self.steps.extend(steps);
    }
}

impl IntoIterator for Report {
    type Item = Step;
    type IntoIter = std::vec::IntoIter<Step>;

    fn into_iter(self) -> Self::IntoIter {
        self.steps.into_iter()
    }
}

impl Step {
    /// Whether it changed the host.
    pub fn effect(&self) -> Effect {
        match self {
            Self::Address { outcome, .. }
            | Self::Link { outcome, .. }
            | Self::Listener { outcome, .. }
            | Self::Route { outcome, .. } => match outcome {
                ObjectOutcome::Added | ObjectOutcome::SwitchedOn | ObjectOutcome::Deleted => {
                    Effect::Changed
                }
                ObjectOutcome::AlreadyThere | ObjectOutcome::AlreadyGone => Effect::Unchanged,
                ObjectOutcome::NotOurs
                | ObjectOutcome::UsedByOthers
                | ObjectOutcome::StillNeeded { .. } => Effect::LeftAlone,
            },
            Self::Sysctl { outcome, .. } => match outcome {
                SysctlOutcome::Set { .. } | SysctlOutcome::Restored { .. } => Effect::Changed,
                SysctlOutcome::AlreadySet { .. }
                | SysctlOutcome::AlreadyRestored { .. }
                | SysctlOutcome::AlreadyGone => Effect::Unchanged,
                SysctlOutcome::ChangedMeanwhile { .. } | SysctlOutcome::StillNeeded { .. } => {
                    Effect::LeftAlone
                }
            },
            Self::Announcement { outcome, .. } => match outcome {
                AnnouncementOutcome::Announced(_) => Effect::Changed,
                AnnouncementOutcome::NothingNew => Effect::Unchanged,
                AnnouncementOutcome::LinkDown
                | AnnouncementOutcome::NoNeighbours
                | AnnouncementOutcome::NotOnDevice => Effect::LeftAlone,
            },
            Self::LargestPacket { .. } => Effect::LeftAlone,
            Self::NothingToUndo { .. } => Effect::Unchanged,
        }
    }
}
