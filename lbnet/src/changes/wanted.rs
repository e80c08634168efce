//! Bringing a host into a wanted state and back: what order, what if it fails half-way.
//!
//! A role ([`Director`](crate::Director), [`RealServer`](crate::RealServer)) is a list of wants in
//! the order in which they are safe to fulfil. Undoing goes by the journal, not by that list.

pub(super) mod address;
mod announcement;
pub(super) mod link;
pub(super) mod listener;
mod reverse_path;
pub(super) mod route;
pub(super) mod setting;
mod udev;

use crate::{
    Address, DeviceName, Error, GueListener, Host, HostRoute, LargestPacket, NewLink, Report,
    SetUpId, Step,
    changes::{
        journal::{Change, Entry, Journal},
        privilege,
        transaction::Transaction,
    },
};
pub(crate) use announcement::WantedAnnouncement;
pub(crate) use setting::{Effective, Setting};

/// Something that shall be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Want {
    Setting(Setting),
    Link(NewLink),
    /// That packets from any source are taken on a device, which may be one that is wanted too.
    AnySource(AnySource),
    Listener(GueListener),
    Address(Address),
    Route(HostRoute),
    /// That the neighbours know of a VIP, if it is new.
    Announcement(WantedAnnouncement),
    /// That whoever reads the report knows of a limit.
    Advice(LargestPacket),
}

/// A device on which `rp_filter` shall be off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnySource {
    pub(crate) device: DeviceName,
    /// The devices that stay as strict as they are.
    pub(crate) others: Vec<DeviceName>,
}

/// Fulfils all wants, or none. What is wanted is found out under the lock: it depends on what others
/// set up.
pub(crate) async fn up(
    host: &Host,
    set_up: SetUpId,
    wants: impl Future<Output = Result<Vec<Want>, Error>>,
) -> Result<Report, Error> {
    privilege::require_net_admin(&set_up)?;
    let journal = Journal::open(host).await?;
    let mut transaction = Transaction::new(host, journal, set_up);
    let outcome = match checked(host, wants).await {
        Ok(wants) => fulfil_or_roll_back(&mut transaction, &wants).await,
        Err(error) => Err(error),
    };
    transaction.close();
    outcome
}

/// What is wanted, if all of it can be fulfilled.
async fn checked(
    host: &Host,
    wants: impl Future<Output = Result<Vec<Want>, Error>>,
) -> Result<Vec<Want>, Error> {
    let wants = wants.await?;
    for want in &wants {
        want.check(host).await?;
    }
    Ok(wants)
}

async fn fulfil_or_roll_back(
    transaction: &mut Transaction<'_>,
    wants: &[Want],
) -> Result<Report, Error> {
    match fulfil_all(transaction, wants).await {
        Ok(report) => Ok(report),
        Err(cause) => Err(match transaction.roll_back().await {
            Ok(()) => cause,
            Err(rollback) => Error::RollbackFailed {
                cause: cause.into(),
                rollback: rollback.into(),
            },
        }),
    }
}

async fn fulfil_all(transaction: &mut Transaction<'_>, wants: &[Want]) -> Result<Report, Error> {
    let mut report = Report::default();
    for want in wants {
        want.fulfil(transaction, &mut report).await?;
    }
    Ok(report)
}

/// Undoes what was changed for a set-up and nobody else needs. Mentions those of `addresses` that
/// stay, as somebody else added them.
pub(crate) async fn down(
    host: &Host,
    set_up: SetUpId,
    addresses: &[Address],
) -> Result<Report, Error> {
    let mut report = Report::default();
    if !Journal::exists(host)? {
        report.push(Step::NothingToUndo { set_up });
        return add_strangers(host, addresses, report).await;
    }
    privilege::require_net_admin(&set_up)?;
    let journal = Journal::open(host).await?;
    let mut entries = journal.entries_of(&set_up);
    // Newest first, and whatever the order in which they were made, a VIP goes before the settings
    // that keep it quiet.
    entries.reverse();
    entries.sort_by_key(undo_rank);
    if entries.is_empty() {
        report.push(Step::NothingToUndo {
            set_up: set_up.clone(),
        });
    }
    let mut transaction = Transaction::new(host, journal, set_up);
    for entry in entries {
        let step = transaction.release(entry).await?;
        report.push(step);
    }
    transaction.close();
    add_strangers(host, addresses, report).await
}

fn undo_rank(entry: &Entry) -> u8 {
    match entry.change {
        Change::Route(_) => 0,
        Change::Address(_) => 1,
        Change::Listener(_) => 2,
        Change::Sysctl(_) => 3,
        // Its settings go with it.
        Change::Link(_) => 4,
    }
}

async fn add_strangers(
    host: &Host,
    addresses: &[Address],
    mut report: Report,
) -> Result<Report, Error> {
    for wanted in addresses {
        if !report.mentions(wanted) {
            report.extend(address::mention_if_there(host, wanted).await?);
        }
    }
    Ok(report)
}

impl Want {
    /// Refuses what cannot be fulfilled, before anything is changed.
    async fn check(&self, host: &Host) -> Result<(), Error> {
        match self {
            Self::Setting(setting) => setting::check(host, setting),
            Self::Link(wanted) => link::check(host, wanted).await,
            Self::Listener(wanted) => listener::check(host, *wanted).await,
            Self::Address(wanted) => address::check(host, wanted).await,
            Self::Route(wanted) => route::check(host, wanted).await,
            Self::AnySource(_) | Self::Announcement(_) | Self::Advice(_) => Ok(()),
        }
    }

    async fn fulfil(
        &self,
        transaction: &mut Transaction<'_>,
        report: &mut Report,
    ) -> Result<(), Error> {
        let step = match self {
            Self::Setting(setting) => setting::fulfil(transaction, setting)?,
            Self::Link(wanted) => link::fulfil(transaction, wanted).await?,
            Self::AnySource(AnySource { device, others }) => {
                return reverse_path::fulfil(transaction, device, others, report);
            }
            Self::Listener(wanted) => listener::fulfil(transaction, *wanted).await?,
            Self::Address(wanted) => address::fulfil(transaction, wanted).await?,
            Self::Route(wanted) => route::fulfil(transaction, wanted).await?,
            Self::Announcement(wanted) => wanted.fulfil(transaction.host, report).await?,
            Self::Advice(advice) => Step::LargestPacket {
                advice: advice.clone(),
            },
        };
        report.push(step);
        Ok(())
    }
}
