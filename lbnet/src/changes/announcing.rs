//! Announcements, after the lock is released: the first of every VIP at once, then the repeats.

use std::num::NonZeroU32;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep_until};

use crate::{
    Announced, AnnouncementOutcome, Error, Host, HostError, JournalError, MacAddress, Report,
    SetUpId, Step,
    changes::{
        journal::{Journal, Progress},
        wanted::{Presence, WantedAnnouncement},
    },
};

/// An announcement that the journal notes as due.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) id: SetUpId,
    pub(crate) wanted: WantedAnnouncement,
    pub(crate) progress: Progress,
}

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

#[derive(Debug)]
struct InProgress {
    due: Due,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The neighbours cannot be reached.
    Impossible(AnnouncementOutcome),
    /// As often as this since the lock was released.
    Sent {
        mac: Option<MacAddress>,
        sent: u32,
        left: u32,
        next: Option<Instant>,
    },
}

impl<'host> Released<'host> {
    /// Sends the first announcement of every VIP that has not had one.
    pub(crate) async fn begin(
        host: &'host Host,
        report: Report,
        due: Vec<Due>,
    ) -> Result<Self, Error> {
        let first = join_all(due.iter().map(|due| due.first(host))).await;
        let begun = Instant::now();
        let mut announcements = Vec::new();
        let mut failed = None;
        for (due, state) in due.into_iter().zip(first) {
            match state {
                Ok(state) => {
                    let mut announcement = InProgress { due, state };
                    announcement.plan_next(begun);
                    announcements.push(announcement);
                }
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
            for announcement in &mut self.announcements {
                if announcement.next().is_none_or(|at| at > next) {
                    continue;
                }
                let Due { id, wanted, .. } = &announcement.due;
                if noted.awaits_announcement(id) && present.has(wanted.vip) {
                    announcement.again(self.host, next).await?;
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
                journal.settle(&ids(&done))?;
                journal.note_repeats(&ids(&repeating))?;
                journal.close();
                Ok(())
            }
            // The next `up` sends them again, which does no harm.
            Err(Error::Journal(JournalError::Busy { .. })) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Due {
    fn rounds(&self) -> u32 {
        self.wanted.announcement.rounds.get()
    }

    async fn first(&self, host: &Host) -> Result<State, Error> {
        match self.progress {
            Progress::NotBegun => self.send(host, 0, self.rounds()).await,
            Progress::FirstIsOut => Ok(State::Sent {
                mac: None,
                sent: 0,
                left: self.rounds() - 1,
                next: None,
            }),
        }
    }

    /// Sends one announcement. A device that is down or has no neighbours is not an error.
    async fn send(&self, host: &Host, sent: u32, left: u32) -> Result<State, Error> {
        let WantedAnnouncement {
            vip,
            device,
            announcement,
            ..
        } = &self.wanted;
        let once = announcement.rounds(NonZeroU32::MIN);
        match host.announce(*vip, device, once).await {
            Ok(announced) => Ok(State::Sent {
                mac: Some(announced.mac),
                sent: sent.saturating_add(1),
                left: left.saturating_sub(1),
                next: None,
            }),
            Err(Error::Host(HostError::LinkDown { .. })) => {
                Ok(State::Impossible(AnnouncementOutcome::LinkDown))
            }
            Err(Error::Host(HostError::NoNeighbours { .. })) => {
                Ok(State::Impossible(AnnouncementOutcome::NoNeighbours))
            }
            Err(error) => Err(error),
        }
    }
}

impl InProgress {
    fn next(&self) -> Option<Instant> {
        match self.state {
            State::Sent { next, .. } => next,
            State::Impossible(_) => None,
        }
    }

    fn plan_next(&mut self, last: Instant) {
        if let State::Sent { left, next, .. } = &mut self.state {
            let interval = self.due.wanted.announcement.interval;
            *next = last.checked_add(interval).filter(|_| *left > 0);
        }
    }

    async fn again(&mut self, host: &Host, now: Instant) -> Result<(), Error> {
        let State::Sent { sent, left, .. } = self.state else {
            return Ok(());
        };
        match self.due.send(host, sent, left).await {
            // What was sent before counts, even if the device is down by now or gone.
            Ok(State::Impossible(_)) | Err(Error::Host(HostError::NoSuchDevice { .. })) => {
                self.give_up();
            }
            Ok(state) => {
                self.state = state;
                self.plan_next(now);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn give_up(&mut self) {
        if let State::Sent { left, next, .. } = &mut self.state {
            (*left, *next) = (0, None);
        }
    }

    fn step(&self) -> Step {
        self.due.wanted.step(match &self.state {
            State::Impossible(outcome) => outcome.clone(),
            State::Sent {
                mac: Some(mac),
                sent,
                left,
                ..
            } => AnnouncementOutcome::Announced(Announced {
                mac: *mac,
                rounds: *sent,
                left: *left,
            }),
            State::Sent { mac: None, .. } => AnnouncementOutcome::NotNeeded,
        })
    }
}
