//! How far the announcement of one VIP has come.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
};

use tokio::time::Instant;

use crate::{
    Announced, AnnouncementOutcome, DeviceName, Error, Host, HostError, MacAddress, SetUpId, Step,
    changes::{journal::Progress, wanted::WantedAnnouncement},
    host::announce::Announcer,
};

/// An announcement that the journal notes as due.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) id: SetUpId,
    pub(crate) wanted: WantedAnnouncement,
    pub(crate) progress: Progress,
}

#[derive(Debug)]
pub(super) struct InProgress {
    pub(super) due: Due,
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

/// The devices that announce VIPs, each opened once.
pub(super) struct Announcers<'host> {
    host: &'host Host,
    open: HashMap<DeviceName, Announcer>,
}

impl<'host> Announcers<'host> {
    pub(super) fn on(host: &'host Host) -> Self {
        Self {
            host,
            open: HashMap::new(),
        }
    }

    /// Announces a VIP once, and returns the Ethernet address that was announced.
    async fn announce(&mut self, vip: IpAddr, device: &DeviceName) -> Result<MacAddress, Error> {
        let announcer = match self.open.entry(device.clone()) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(new) => new.insert(self.host.announcer(device).await?),
        };
        announcer.announce(vip)?;
        Ok(announcer.mac)
    }
}

impl Due {
    fn rounds(&self) -> u32 {
        self.wanted.announcement.rounds.get()
    }

    async fn first(&self, announcers: &mut Announcers<'_>) -> Result<State, Error> {
        match self.progress {
            Progress::NotBegun => self.send(announcers, 0, self.rounds()).await,
            Progress::FirstIsOut => Ok(State::Sent {
                mac: None,
                sent: 0,
                left: self.rounds() - 1,
                next: None,
            }),
        }
    }

    /// Sends one announcement. A device that is down or has no neighbours is not an error.
    async fn send(
        &self,
        announcers: &mut Announcers<'_>,
        sent: u32,
        left: u32,
    ) -> Result<State, Error> {
        let WantedAnnouncement { vip, device, .. } = &self.wanted;
        match announcers.announce(*vip, device).await {
            Ok(mac) => Ok(State::Sent {
                mac: Some(mac),
                sent: sent.saturating_add(1),
                left: left.saturating_sub(1),
                next: None,
            }),
            Err(Error::Host(HostError::LinkDown { .. })) => {
                Ok(State::Impossible(AnnouncementOutcome::LinkDown))
            }
            Err(Error::Host(HostError::NoCarrier { cause, .. })) => {
                Ok(State::Impossible(AnnouncementOutcome::NoCarrier(cause)))
            }
            Err(Error::Host(HostError::NoNeighbours { .. })) => {
                Ok(State::Impossible(AnnouncementOutcome::NoNeighbours))
            }
            Err(error) => Err(error),
        }
    }
}

impl InProgress {
    /// Sends the first announcement, unless an earlier run has sent it.
    pub(super) async fn begin(
        due: Due,
        announcers: &mut Announcers<'_>,
        begun: Instant,
    ) -> Result<Self, Error> {
        let state = due.first(announcers).await?;
        let mut announcement = Self { due, state };
        announcement.plan_next(begun);
        Ok(announcement)
    }

    /// Returns when to announce the VIP again, or `None` if nothing is left.
    pub(super) fn next(&self) -> Option<Instant> {
        match self.state {
            State::Sent { next, .. } => next,
            State::Impossible(_) => None,
        }
    }

    /// Returns whether the announcement stays due until the device is connected. The next `up` sends
    /// it.
    pub(super) fn waits_for_device(&self) -> bool {
        matches!(
            self.state,
            State::Impossible(AnnouncementOutcome::LinkDown | AnnouncementOutcome::NoCarrier(_))
        )
    }

    fn plan_next(&mut self, last: Instant) {
        if let State::Sent { left, next, .. } = &mut self.state {
            let interval = self.due.wanted.announcement.interval;
            *next = last.checked_add(interval).filter(|_| *left > 0);
        }
    }

    /// Announces the VIP once more.
    pub(super) async fn again(
        &mut self,
        announcers: &mut Announcers<'_>,
        now: Instant,
    ) -> Result<(), Error> {
        let State::Sent { sent, left, .. } = self.state else {
            return Ok(());
        };
        match self.due.send(announcers, sent, left).await {
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

    /// Leaves out the repeats.
    pub(super) fn give_up(&mut self) {
        if let State::Sent { left, next, .. } = &mut self.state {
            (*left, *next) = (0, None);
        }
    }

    pub(super) fn step(&self) -> Step {
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
