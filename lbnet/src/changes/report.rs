//! The steps that a set-up took.

mod display;

use std::net::IpAddr;

use serde::Serialize;

use crate::{
    Address, AdvertisedMss, Announced, Decapsulation, DeviceName, GueListener, HostRoute, IpPrefix,
    NewLink, NoCarrier, SetUpId, Sysctl,
};

/// The steps of one `up` or `down`, in order. Each step is one line of text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    steps: Vec<Step>,
}

/// One step: an object and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "subject", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step {
    /// An address on a device.
    Address {
        /// The address.
        address: Address,
        /// The outcome.
        #[serde(flatten)]
        outcome: ObjectOutcome,
    },
    /// A virtual device.
    Link {
        /// The device.
        link: NewLink,
        /// The outcome.
        #[serde(flatten)]
        outcome: ObjectOutcome,
    },
    /// A GUE listener.
    Listener {
        /// The listener.
        listener: GueListener,
        /// The outcome.
        #[serde(flatten)]
        outcome: ObjectOutcome,
    },
    /// A host route.
    Route {
        /// The route.
        route: HostRoute,
        /// The outcome.
        #[serde(flatten)]
        outcome: ObjectOutcome,
    },
    /// A setting of the kernel.
    Sysctl {
        /// The setting.
        key: Sysctl,
        /// The outcome.
        #[serde(flatten)]
        outcome: SysctlOutcome,
    },
    /// The announcement of a VIP to the neighbours.
    Announcement {
        /// The VIP.
        vip: IpAddr,
        /// The device.
        device: DeviceName,
        /// The outcome.
        #[serde(flatten)]
        outcome: AnnouncementOutcome,
    },
    /// Packets that do not fit through a tunnel. This is advice; nothing was changed.
    LargestPacket {
        /// The limits and the remedy.
        #[serde(flatten)]
        advice: LargestPacket,
    },
    /// The journal has no record of this set-up, but the host has objects for its VIP that this crate
    /// marked. The following steps undo these.
    FoundByMark {
        /// The set-up to take down.
        set_up: SetUpId,
    },
    /// A VIP that is added as a single host (`/32`), not with the requested prefix length. With
    /// that prefix length, it would be the first address of its network on the device, and the kernel
    /// would use it as the source of what the host sends there. Real servers do not answer a VIP.
    AddedAlone {
        /// The requested VIP with its prefix length.
        vip: IpPrefix,
        /// The device, which has no permanent address of its own in that network.
        device: DeviceName,
    },
    /// The journal has no record of this set-up.
    NothingToUndo {
        /// The set-up to take down.
        set_up: SetUpId,
    },
}

/// Describes clients' packets that do not fit through a tunnel. A director asks clients for smaller
/// packets by ICMP. Clients behind a firewall that drops ICMP do not receive this, so their large
/// transfers hang.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LargestPacket {
    /// How packets are encapsulated.
    #[serde(rename = "tunnel")]
    pub decapsulation: Decapsulation,
    /// The device that receives them.
    pub device: DeviceName,
    /// The largest packet on that device, in bytes. The whole path is assumed to have the same
    /// limit.
    pub mtu: u32,
    /// The largest packet of a client, in bytes.
    pub largest: u32,
    /// The largest TCP segment to announce to clients (`advmss`), in bytes.
    pub segment: u32,
    /// The route that replies to all clients take, and the segment size to announce on it, if there
    /// is such a route.
    pub remedy: Option<AdvertisedMss>,
}

/// The outcome for an address, a device, a listener or a route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ObjectOutcome {
    /// It was added.
    Added,
    /// It existed already.
    AlreadyExists,
    /// It existed, but was down; it was switched on.
    SwitchedOn,
    /// It was deleted.
    Deleted,
    /// Another program had deleted it before.
    AlreadyGone,
    /// It stays, because another program added it.
    AddedByOthers,
    /// It stays, because another program added addresses to the device.
    UsedByOthers,
    /// It stays, because another set-up needs it.
    StillNeeded {
        /// The other set-up.
        by: SetUpId,
    },
    /// It stays, because it could not be undone. The journal keeps it.
    NotUndone {
        /// Why.
        reason: String,
    },
}

/// The outcome for a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SysctlOutcome {
    /// It was changed.
    Set {
        /// The new value.
        value: i64,
        /// The old one.
        was: i64,
    },
    /// It had a sufficient value already.
    AlreadySet {
        /// That value.
        value: i64,
    },
    /// Its old value was restored.
    Restored {
        /// The old value.
        value: i64,
        /// The value before it was restored.
        was: i64,
    },
    /// Another program had restored its old value before.
    AlreadyRestored {
        /// The old value.
        value: i64,
    },
    /// It no longer exists, because its device was deleted.
    AlreadyGone,
    /// It stays, because another program has changed it since.
    ChangedByOthers {
        /// The present value.
        value: i64,
        /// The value that the set-up wrote.
        set_to: i64,
        /// The value before the set-up.
        was: i64,
    },
    /// It stays, because another set-up needs it.
    StillNeeded {
        /// The present value.
        value: i64,
        /// The other set-up.
        by: SetUpId,
    },
    /// It stays, because its old value could not be restored. The journal keeps it.
    NotUndone {
        /// The value that the set-up wrote.
        set_to: i64,
        /// The value before the set-up.
        was: i64,
        /// Why.
        reason: String,
    },
}

/// The outcome for an announcement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnnouncementOutcome {
    /// The VIP was announced.
    Announced(Announced),
    /// Not sent, because the host had the VIP already.
    NotNeeded,
    /// Not sent, because the device is down.
    LinkDown,
    /// Not sent, because the device has no carrier: nobody would receive it.
    NoCarrier(NoCarrier),
    /// Not sent, because the device has no neighbours.
    NoNeighbours,
    /// Not sent, because the IPv6 VIP is not on the device. The host answers no neighbour
    /// solicitations for it, so a router must send its packets to this host.
    NotOnDevice,
}

/// Whether a step changed the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It changed the host.
    Changed,
    /// Nothing had to be changed.
    Unchanged,
    /// Something is not as requested and was deliberately left alone.
    LeftAlone,
    /// Something could not be done.
    Failed,
}

impl Report {
    /// Returns the steps, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns whether anything on the host was changed.
    pub fn changed(&self) -> bool {
        self.steps
            .iter()
            .any(|step| step.effect() == Effect::Changed)
    }

    pub(crate) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Returns whether one of the steps is about this address.
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
    /// Returns whether the step changed the host.
    pub fn effect(&self) -> Effect {
        match self {
            Self::Address { outcome, .. }
            | Self::Link { outcome, .. }
            | Self::Listener { outcome, .. }
            | Self::Route { outcome, .. } => match outcome {
                ObjectOutcome::Added | ObjectOutcome::SwitchedOn | ObjectOutcome::Deleted => {
                    Effect::Changed
                }
                ObjectOutcome::AlreadyExists | ObjectOutcome::AlreadyGone => Effect::Unchanged,
                ObjectOutcome::AddedByOthers
                | ObjectOutcome::UsedByOthers
                | ObjectOutcome::StillNeeded { .. } => Effect::LeftAlone,
                ObjectOutcome::NotUndone { .. } => Effect::Failed,
            },
            Self::Sysctl { outcome, .. } => match outcome {
                SysctlOutcome::Set { .. } | SysctlOutcome::Restored { .. } => Effect::Changed,
                SysctlOutcome::AlreadySet { .. }
                | SysctlOutcome::AlreadyRestored { .. }
                | SysctlOutcome::AlreadyGone => Effect::Unchanged,
                SysctlOutcome::ChangedByOthers { .. } | SysctlOutcome::StillNeeded { .. } => {
                    Effect::LeftAlone
                }
                SysctlOutcome::NotUndone { .. } => Effect::Failed,
            },
            Self::Announcement { outcome, .. } => match outcome {
                AnnouncementOutcome::Announced(_) => Effect::Changed,
                AnnouncementOutcome::NotNeeded => Effect::Unchanged,
                AnnouncementOutcome::LinkDown
                | AnnouncementOutcome::NoCarrier(_)
                | AnnouncementOutcome::NoNeighbours
                | AnnouncementOutcome::NotOnDevice => Effect::LeftAlone,
            },
            Self::LargestPacket { .. } | Self::AddedAlone { .. } => Effect::LeftAlone,
            Self::FoundByMark { .. } | Self::NothingToUndo { .. } => Effect::Unchanged,
        }
    }
}
