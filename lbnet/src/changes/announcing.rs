//! Announcements, after the lock is released: the first of every VIP at once, then the repeats.

mod in_progress;

use tokio::time::{Instant, sleep_until};

use crate::{
    Error, Host, JournalError, Report,
    changes::{journal::Journal, wanted::Presence},
};
pub(crate) use in_progress::Due;
use in_progress::{Announcers, InProgress};

/// A host whose set-ups stand and whose new VIPs are announced once. [`Locked::release_early`]
/// returns it.
///
/// One announcement is not enough, because a frame may be lost. Call [`Released::finish`], beside
/// other work if you like. If this value is dropped, the journal notes the repeats as due: [`Host::announce_due`] sends
/// them, and so does the next `up` of the same set-ups.
///
/// [`Locked::release_early`]: crate::Locked::release_early
#[derive(Debug)]
#[must_use]
pub struct Released<'host> {
    host: &'host Host,
    /// The steps before the announcements.
    report: Report,
    announcements: Vec<InProgress>,
}

impl<'host> Released<'host> {
    /// Sends the first announcement of every VIP that has not had one, and that this host still has:
    /// others may have had the lock since it was set up.
    pub(crate) async fn begin(
        host: &'host Host,
        report: Report,
        mut due: Vec<Due>,
    ) -> Result<Self, Error> {
        if !due.is_empty() {
            let noted = Journal::peek(host)?;
            let present = Presence::on(host).await?;
            due.retain(|it| noted.awaits_announcement(&it.id) && present.has(it.wanted.vip));
        }
        let mut announcers = Announcers::on(host);
        let begun = Instant::now();
        let mut announcements = Vec::new();
        let mut failed = None;
        for due in due {
            match InProgress::begin(due, &mut announcers, begun).await {
                Ok(announcement) => announcements.push(announcement),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        let released = Self {
            host,
            report,
            announcements,
        };
        released.record().await?;
        failed.map_or(Ok(released), Err)
    }

    /// Returns the steps that were done so far.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = self.report.clone();
        report.extend(self.announcements.iter().map(InProgress::step));
        report
    }

    /// Returns whether announcements are left to be repeated.
    #[must_use]
    pub fn has_repeats(&self) -> bool {
        self.announcements.iter().any(|it| it.next().is_some())
    }

    /// Repeats the announcements until all are sent, and returns all steps.
    ///
    /// It takes as long as [`Announcement`](crate::Announcement) says, two seconds by default. A VIP
    /// that this host gives up meanwhile is no longer announced.
    ///
    /// # Errors
    /// - [`Error::Kernel`]: an announcement failed. It stays due.
    pub async fn finish(mut self) -> Result<Report, Error> {
        while let Some(next) = self.announcements.iter().filter_map(InProgress::next).min() {
            sleep_until(next).await;
            let noted = Journal::peek(self.host)?;
            let present = Presence::on(self.host).await?;
            let mut announcers = Announcers::on(self.host);
            for announcement in &mut self.announcements {
                if announcement.next().is_none_or(|at| at > next) {
                    continue;
                }
                let Due { id, wanted, .. } = &announcement.due;
                if noted.awaits_announcement(id) && present.has(wanted.vip) {
                    announcement.again(&mut announcers, next).await?;
                } else {
                    announcement.give_up();
                }
            }
        }
        self.record().await?;
        Ok(self.report())
    }

    /// Records what has been announced, and what is still to be repeated.
    async fn record(&self) -> Result<(), Error> {
        if self.announcements.is_empty() {
            return Ok(());
        }
        let (repeating, done): (Vec<_>, Vec<_>) = self
            .announcements
            .iter()
            .filter(|it| !it.waits_for_device())
            .partition(|it| it.next().is_some());
        let ids = |of: &[&InProgress]| of.iter().map(|it| it.due.id.clone()).collect::<Vec<_>>();
        let noted = Journal::peek(self.host)?;
        if !self
            .announcements
            .iter()
            .any(|it| noted.awaits_announcement(&it.due.id))
        {
            return Ok(());
        }
        match Journal::open(self.host).await {
            Ok(mut journal) => {
                journal.settle(&ids(&done));
                journal.note_repeats(&ids(&repeating));
                journal.write()?;
                journal.close();
                Ok(())
            }
            // The next `up` sends them again, which does no harm.
            Err(Error::Journal(JournalError::Busy { .. })) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
