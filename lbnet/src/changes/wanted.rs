//! What a role needs from the host. Each kind of object has a module of its own.
//!
//! A role ([`Director`](crate::Director), [`RealServer`](crate::RealServer)) is a list of wants, in
//! an order in which it is safe to fulfil them.

pub(super) mod address;
pub(super) mod announcement;
pub(super) mod link;
pub(super) mod listener;
mod presence;
mod reverse_path;
pub(super) mod route;
pub(super) mod setting;
mod udev;
mod vacancy;

pub(crate) use address::check_ipv6;
pub(crate) use announcement::{VipIs, WantedAnnouncement};
pub(crate) use presence::Presence;
pub(crate) use setting::{Effective, Setting};
pub(crate) use vacancy::{Question, ask};

use crate::{
    Address, DeviceName, Error, GueListener, HostRoute, NewLink, Report, Step, Sysctl,
    changes::transaction::{Mark, Transaction},
};

/// Something that a set-up needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Want {
    Setting(Setting),
    Link(NewLink),
    /// A device accepts packets from any source. The device may itself be a want.
    AnySource(AnySource),
    Listener(GueListener),
    Address(Address),
    Route(HostRoute),
    /// The VIP is announced to the neighbours, after the lock is released.
    Announcement(WantedAnnouncement),
    /// The report mentions this; nothing is changed.
    Advice(Step),
}

/// A device on which `rp_filter` is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnySource {
    pub(crate) device: DeviceName,
    /// The devices that stay as strict as they are.
    pub(crate) others: Vec<DeviceName>,
}

impl Want {
    /// Refuses a want that cannot be fulfilled, before anything is changed.
    pub(super) async fn check(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let host = transaction.host;
        match self {
            Self::Setting(setting) => setting::check(host, setting),
            Self::Link(wanted) => link::check(transaction, wanted).await,
            Self::Listener(wanted) => listener::check(host, *wanted).await,
            Self::Address(wanted) => address::check(transaction, wanted).await,
            Self::Route(wanted) => route::check(host, wanted).await,
            Self::Announcement(wanted) => wanted.check(transaction).await,
            Self::AnySource(_) | Self::Advice(_) => Ok(()),
        }
    }

    /// Returns the settings that must be changed for this want.
    pub(super) fn settings(
        &self,
        transaction: &Transaction<'_>,
    ) -> Result<Vec<(Sysctl, i64)>, Error> {
        match self {
            Self::Setting(wanted) => Ok(setting::needed(transaction.host, wanted)?
                .into_iter()
                .collect()),
            Self::AnySource(AnySource { device, others }) => {
                reverse_path::needed(transaction, device, others)
            }
            Self::Link(_)
            | Self::Listener(_)
            | Self::Address(_)
            | Self::Route(_)
            | Self::Announcement(_)
            | Self::Advice(_) => Ok(Vec::new()),
        }
    }

    /// Notes the change that this want needs, as far as that does not depend on the wants before it.
    pub(super) async fn foresee(&self, transaction: &mut Transaction<'_>) -> Result<(), Error> {
        match self {
            Self::Setting(wanted) => setting::foresee(transaction, wanted),
            Self::Address(wanted) => address::foresee(transaction, wanted).await,
            Self::Route(wanted) => route::foresee(transaction, wanted).await,
            Self::Link(_)
            | Self::AnySource(_)
            | Self::Listener(_)
            | Self::Announcement(_)
            | Self::Advice(_) => Ok(()),
        }
    }

    pub(super) async fn fulfil(
        &self,
        transaction: &mut Transaction<'_>,
        report: &mut Report,
    ) -> Result<(), Error> {
        let step = match self {
            Self::Setting(setting) => setting::fulfil(transaction, setting)?,
            Self::Link(wanted) => return link::fulfil(transaction, wanted, report).await,
            Self::AnySource(AnySource { device, others }) => {
                return reverse_path::fulfil(transaction, device, others, report);
            }
            Self::Listener(wanted) => listener::fulfil(transaction, *wanted).await?,
            Self::Address(wanted) => return address::fulfil(transaction, wanted, report).await,
            Self::Route(wanted) => route::fulfil(transaction, wanted).await?,
            Self::Announcement(wanted) => match wanted.fulfil(transaction) {
                Some(step) => step,
                None => return Ok(()),
            },
            Self::Advice(advice) => advice.clone(),
        };
        report.push(step);
        Ok(())
    }
}
