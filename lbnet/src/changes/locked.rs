//! A host that no other program changes at the same time.

use crate::{
    Error, Host, Report,
    changes::{
        announcing::{Due, Released},
        journal::Journal,
        privilege,
        wanted::Question,
    },
    host::Following,
};

/// A host whose set-ups no other program can change, until [`Locked::release`] is called or this
/// value is dropped. [`Host::lock`] returns it.
///
/// If other programs wait for the lock, they get it between two calls of [`Locked::up`],
/// [`Locked::down`] and [`Locked::undo`], so that nobody waits for longer than one set-up takes. No
/// program can change the host during a call.
///
/// Use it to set up several roles at once and to report what was done even if one of them fails.
/// [`Host::reconcile`] is a shorter way to do this.
///
/// # Examples
/// ```no_run
/// # async fn example(
/// #     host: lbnet::Host,
/// #     set_ups: Vec<lbnet::SetUp>,
/// # ) -> Result<(), lbnet::Error> {
/// let mut locked = host.prepare(&set_ups).await?.lock().await?;
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
    /// What the host has is read once for all set-ups. It is dropped before the lock in the journal, so
    /// that the next one that gets the lock begins anew.
    following: Following<'host>,
    pub(crate) journal: Journal,
    pub(super) report: Report,
    /// The VIPs that the network was asked for before the lock was taken.
    pub(crate) asked: Vec<Question>,
    pub(super) due: Vec<Due>,
}

impl Host {
    /// Waits until no other program changes the set-ups of this host, and prevents others from
    /// changing them. Programs that wait get the lock in the order in which they came.
    ///
    /// Nothing is changed during the wait. Dropping the future ends the wait at once.
    ///
    /// To set up directors, use [`Host::prepare`]: it asks the network about their VIPs before the
    /// lock is taken, so that others need not wait for the answers.
    ///
    /// # Errors
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    /// - [`JournalError::Busy`](crate::JournalError::Busy): another program has the lock, and has changed
    ///   nothing for 30 seconds.
    /// - Other kinds of [`Error::Journal`]: the journal cannot be used.
    pub async fn lock(&self) -> Result<Locked<'_>, Error> {
        self.lock_for("changing the set-ups of this host".to_owned())
            .await
    }

    /// Takes the lock. The error about a missing privilege names `action`.
    pub(crate) async fn lock_for(&self, action: String) -> Result<Locked<'_>, Error> {
        privilege::require_net_admin(action)?;
        Ok(Locked {
            host: self,
            journal: Journal::open(self).await?,
            following: self.follow()?,
            report: Report::default(),
            asked: Vec::new(),
            due: Vec::new(),
        })
    }
}

impl Locked<'_> {
    /// Lets those who wait for the lock have it first, if this value has done something.
    pub(crate) async fn let_others_in(&mut self) -> Result<(), Error> {
        if self.report.steps().is_empty() {
            return Ok(());
        }
        self.journal.let_others_in(self.host).await
    }

    /// Returns the steps that were done so far.
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl<'host> Locked<'host> {
    /// Releases the lock, then announces all new VIPs at the same time, as often as wanted.
    ///
    /// Other programs may change the host while the VIPs are announced. If the returned future is
    /// dropped or the process is killed, the journal notes the rest of the announcements as due:
    /// [`Host::announce_due`] sends them, and so does the next `up` of the same set-ups.
    ///
    /// # Errors
    /// - [`Error::Kernel`]: an announcement failed. It stays due.
    pub async fn release(self) -> Result<Report, Error> {
        self.release_early().await?.finish().await
    }

    /// Releases the lock, then announces each new VIP once. [`Released::finish`] repeats the
    /// announcements.
    ///
    /// # Errors
    /// - [`Error::Kernel`]: an announcement failed. It stays due.
    pub async fn release_early(self) -> Result<Released<'host>, Error> {
        drop(self.following);
        self.journal.close();
        Released::begin(self.host, self.report, self.due).await
    }
}
