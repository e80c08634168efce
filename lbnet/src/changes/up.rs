//! Brings a host into the state that a set-up needs, and rolls back if this fails.

use crate::{
    Error, HostError, Report, SetUp,
    changes::{
        announcing::Due,
        locked::Locked,
        transaction::Transaction,
        undo,
        wanted::{Want, WantedAnnouncement},
    },
};

impl Locked<'_> {
    /// Fulfils all wants of a set-up, or none, and undoes what only its earlier options needed.
    ///
    /// The wants are determined here, under the lock, because they depend on the other set-ups of
    /// the host.
    pub(crate) async fn fulfil(
        &mut self,
        set_up: SetUp,
        wants: impl Future<Output = Result<Vec<Want>, Error>>,
    ) -> Result<(), Error> {
        let set_up = set_up.recorded();
        let id = set_up.id();
        let wants = wants.await?;
        let before = self.journal.set_up(&id).cloned();
        let announcement = wants.iter().find_map(announcement);
        let mut transaction =
            Transaction::new(self.host, &mut self.journal, id.clone()).having_asked(&self.asked);
        if announcement.is_some() {
            transaction.note_announcement();
        }
        for want in &wants {
            want.check(&transaction).await?;
        }
        refuse_read_only(&transaction, &wants)?;
        let links = self.host.links().await?;
        // The journal keeps the earlier options until what they needed is undone. If this is
        // interrupted, the next `up` continues it.
        if before.is_none() {
            transaction.remember(set_up.clone(), &links);
        }
        let mut report = fulfil_or_roll_back(&mut transaction, &wants, before.is_none()).await?;
        let mut left = undo::Left::default();
        if before.as_ref() == Some(&set_up) {
            transaction.note_devices(&set_up, &links);
        } else {
            let mut leftovers = transaction.leftovers();
            undo::sort(&mut leftovers);
            left = undo::release_all(&mut transaction, leftovers, &mut report).await;
            transaction.remember(set_up, &links);
        }
        if let Some(wanted) = announcement {
            if let Some(progress) = transaction.announcement_due() {
                self.due.push(Due {
                    id: id.clone(),
                    wanted: wanted.clone(),
                    progress,
                });
            }
        } else {
            transaction.settle();
        }
        let written = transaction.write();
        self.report.extend(report);
        written.and(left.of(&id))
    }
}

/// Refuses to begin where `/proc/sys` is read-only, with all settings that are needed.
fn refuse_read_only(transaction: &Transaction<'_>, wants: &[Want]) -> Result<(), Error> {
    let mut settings = Vec::new();
    for want in wants {
        for setting in want.settings(transaction)? {
            if !settings.contains(&setting) && transaction.host.is_read_only(&setting.0)? {
                settings.push(setting);
            }
        }
    }
    if settings.is_empty() {
        return Ok(());
    }
    Err(Error::Host(HostError::ReadOnlySysctl { settings }))
}

fn announcement(want: &Want) -> Option<&WantedAnnouncement> {
    match want {
        Want::Announcement(wanted) => Some(wanted),
        _ => None,
    }
}

async fn fulfil_or_roll_back(
    transaction: &mut Transaction<'_>,
    wants: &[Want],
    is_new: bool,
) -> Result<Report, Error> {
    match fulfil_all(transaction, wants).await {
        Ok(report) => Ok(report),
        Err(cause) => Err(match undo::roll_back(transaction, is_new).await {
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
        want.foresee(transaction).await?;
    }
    transaction.write()?;
    for want in wants {
        want.fulfil(transaction, &mut report).await?;
    }
    Ok(report)
}
