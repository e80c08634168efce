//! A host that nobody else changes meanwhile.

use futures_util::future::join_all;

use crate::{
    Error, Host, JournalError, Report, SetUpId,
    changes::{journal::Journal, privilege, wanted::WantedAnnouncement},
};

/// A host whose set-ups no other program changes, until [`Locked::release`] or until this value is
/// dropped. [`Host::lock`] makes one.
///
/// For programs that set up several roles at once, and report what was done even if one of them
/// fails. [`Host::reconcile`] is shorter.
///
/// # Examples
/// ```no_run
/// # async fn example(
/// #     host: lbnet::Host,
/// #     set_ups: Vec<lbnet::SetUp>,
/// # ) -> Result<(), lbnet::Error> {
/// let mut locked = host.lock().await?;
/// let mut outcome = Ok(());
/// for set_up in &set_ups {
///     outcome = locked.up(set_up).await;
///     if outcome.is_err() {
///         break;
///     }
/// }
/// print!("{}", locked.release().await?);
/// outcome
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Locked<'host> {
    pub(crate) host: &'host Host,
    pub(super) journal: Journal,
    pub(super) report: Report,
    pub(super) due: Vec<(SetUpId, WantedAnnouncement)>,
}

impl Host {
    /// Waits until no other program changes the set-ups of this host, and keeps others from doing
    /// so.
    ///
    /// Nothing is changed while it waits: dropping the future ends the wait at once.
    ///
    /// # Errors
    /// - [`Error::PermissionDenied`]: changing the network needs `CAP_NET_ADMIN`.
    /// - [`JournalError::Busy`]: another program kept the lock for 30 seconds.
    /// - Others about the journal.
    pub async fn lock(&self) -> Result<Locked<'_>, Error> {
        self.lock_for("changing the set-ups of this host".to_owned())
            .await
    }

    /// Says what needs the privilege if it is missing.
    pub(crate) async fn lock_for(&self, action: String) -> Result<Locked<'_>, Error> {
        privilege::require_net_admin(action)?;
        Ok(Locked {
            host: self,
            journal: Journal::open(self).await?,
            report: Report::default(),
            due: Vec::new(),
        })
    }
}

impl Locked<'_> {
    /// What was done until now.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Releases the lock, then announces the VIPs that are new, all at the same time.
    ///
    /// Others may change the host while VIPs are announced. If the returned future is dropped, or
    /// the process killed, the announcement stays noted in the journal as due, and the next `up`
    /// of the same set-up makes it.
    ///
    /// # Errors
    /// [`Error::Kernel`]: announcing failed. It stays due.
    pub async fn release(self) -> Result<Report, Error> {
        let Self {
            host,
            journal,
            mut report,
            due,
        } = self;
        journal.close();
        if due.is_empty() {
            return Ok(report);
        }
        let announced = join_all(due.iter().map(|(_, wanted)| wanted.announce(host))).await;
        let mut made = Vec::new();
        let mut failed = None;
        for ((id, _), outcome) in due.into_iter().zip(announced) {
            match outcome {
                Ok(step) => {
                    report.push(step);
                    made.push(id);
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        settle(host, &made).await?;
        failed.map_or(Ok(report), Err)
    }
}

/// Notes that announcements were made.
async fn settle(host: &Host, made: &[SetUpId]) -> Result<(), Error> {
    match Journal::open(host).await {
        Ok(mut journal) => {
            journal.settle(made)?;
            journal.close();
            Ok(())
        }
        // They are made once more by the next `up`, which does no harm.
        Err(Error::Journal(JournalError::Busy { .. })) => Ok(()),
        Err(error) => Err(error),
    }
}
