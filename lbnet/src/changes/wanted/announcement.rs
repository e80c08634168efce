//! Sends the announcements that a set-up needs.

use std::{net::IpAddr, slice};

use crate::{
    Announcement, AnnouncementOutcome, DeviceName, Error, Step,
    changes::{
        journal::Progress,
        transaction::Transaction,
        wanted::{
            presence::is_present,
            vacancy::{Question, ask},
        },
    },
};

/// The VIP is announced to the neighbours on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedAnnouncement {
    pub(crate) vip: IpAddr,
    pub(crate) device: DeviceName,
    pub(crate) placement: VipIs,
    pub(crate) announcement: Announcement,
    /// What to ask the network before this host gets the VIP.
    pub(crate) question: Option<Question>,
}

/// Whether the VIP is on the device that announces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VipIs {
    OnDevice,
    Elsewhere,
}

impl WantedAnnouncement {
    /// Refuses a VIP that another host has, and an announcement if the process lacks the privilege,
    /// before anything is changed.
    pub(super) async fn check(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let host = transaction.host;
        // Asking needs the same privilege as announcing.
        if self
            .question
            .as_ref()
            .is_some_and(|question| transaction.has_asked(question))
        {
            return Ok(());
        }
        let has_it_already = is_present(host, self.vip).await?;
        if let Some(question) = self.question.as_ref().filter(|_| !has_it_already) {
            return ask(host, slice::from_ref(question)).await;
        }
        if has_it_already && transaction.announcement_due() != Some(Progress::NotBegun) {
            return Ok(());
        }
        host.check_can_announce(&self.device)
    }

    /// Returns a step if there is nothing to announce.
    pub(super) fn fulfil(&self, transaction: &mut Transaction<'_>) -> Option<Step> {
        match transaction.announcement_due() {
            None => return Some(self.step(AnnouncementOutcome::NotNeeded)),
            Some(Progress::FirstIsOut) => return None,
            Some(Progress::NotBegun) => {}
        }
        // Neighbours would learn the address, but this host would not answer their solicitations.
        if self.vip.is_ipv6() && self.placement == VipIs::Elsewhere {
            transaction.settle();
            return Some(self.step(AnnouncementOutcome::NotOnDevice));
        }
        None
    }

    pub(in crate::changes) fn step(&self, outcome: AnnouncementOutcome) -> Step {
        Step::Announcement {
            vip: self.vip,
            device: self.device.clone(),
            outcome,
        }
    }
}
