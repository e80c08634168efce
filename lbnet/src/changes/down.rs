//! Takes down a set-up. The journal decides what to undo, not the options that the caller passes.

use crate::{
    Address, Error, Host, Report, SetUpId, Step,
    changes::{
        journal::{Entry, Journal, Noted},
        locked::Locked,
        transaction::Transaction,
        undo, unrecorded,
        wanted::address,
    },
};

impl Locked<'_> {
    /// Undoes the changes of a set-up that no other set-up needs.
    ///
    /// The journal decides what to undo. What existed before stays. What another program has
    /// changed since is left alone and reported. If there is nothing to undo, the report says so.
    ///
    /// # Errors
    /// - [`Error::UndoneInPart`]: the kernel refused to undo a change. All others are undone; the report
    ///   has a step for each.
    /// - [`Error::Journal`]: the journal cannot be written.
    ///
    /// What could not be undone stays in the journal.
    pub async fn undo(&mut self, set_up: &SetUpId) -> Result<(), Error> {
        self.let_others_in().await?;
        let set_up = &self.journalled(set_up).await?;
        let mut entries = self.journal.entries_of(set_up);
        if entries.is_empty() && !self.journal.knows(set_up) {
            entries = self.found_by_mark(set_up).await?;
        }
        if entries.is_empty() {
            self.report.push(Step::NothingToUndo {
                set_up: set_up.clone(),
            });
        }
        undo::sort(&mut entries);
        let mut transaction = Transaction::new(self.host, &mut self.journal, set_up.clone());
        let left = undo::release_all(&mut transaction, entries, &mut self.report).await;
        transaction.forget_set_up();
        transaction.write()?;
        left.of(set_up)
    }

    /// Takes into the journal what has the mark of this crate and carries the VIP of a set-up, although the
    /// journal does not know it.
    async fn found_by_mark(&mut self, set_up: &SetUpId) -> Result<Vec<Entry>, Error> {
        let found = unrecorded::of(self.host, self.journal.noted(), set_up).await?;
        if !found.is_empty() {
            self.report.push(Step::FoundByMark {
                set_up: set_up.clone(),
            });
        }
        for change in found {
            self.journal.foresee(change, set_up);
        }
        Ok(self.journal.entries_of(set_up))
    }

    /// Returns the id of a set-up in the journal, which has the current name of the device. The
    /// caller may have given an alternative name, or the name that the device had before.
    async fn journalled(&self, set_up: &SetUpId) -> Result<SetUpId, Error> {
        if self.journal.knows(set_up) {
            return Ok(set_up.clone());
        }
        if let Some(renamed) = self.journal.renamed(set_up) {
            return Ok(renamed);
        }
        Ok(SetUpId {
            device: self.host.current_name(&set_up.device).await?,
            ..set_up.clone()
        })
    }

    /// Adds to the report those of `addresses` that stay because no set-up added them.
    pub(crate) async fn mention(&mut self, addresses: &[Address]) -> Result<(), Error> {
        mention(self.host, addresses, &mut self.report).await
    }
}

/// Takes down a set-up, and reports addresses as [`Locked::mention`] does. If there never was a
/// set-up, this needs no privilege.
pub(crate) async fn down(
    host: &Host,
    set_up: SetUpId,
    addresses: &[Address],
) -> Result<Report, Error> {
    let is_known = Journal::exists(host)?;
    if is_known
        || !unrecorded::of(host, &Noted::default(), &set_up)
            .await?
            .is_empty()
    {
        let mut locked = host.lock_for(set_up.change()).await?;
        locked.undo(&set_up).await?;
        locked.mention(addresses).await?;
        return locked.release().await;
    }
    let mut report = Report::default();
    report.push(Step::NothingToUndo { set_up });
    mention(host, addresses, &mut report).await?;
    Ok(report)
}

async fn mention(host: &Host, addresses: &[Address], report: &mut Report) -> Result<(), Error> {
    for wanted in addresses {
        if !report.mentions(wanted) {
            report.extend(address::mention_if_there(host, wanted).await?);
        }
    }
    Ok(())
}
