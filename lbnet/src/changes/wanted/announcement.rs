//! Wanted announcements.

use std::net::IpAddr;

use crate::{
    Announcement, AnnouncementOutcome, DeviceName, Error, Host, HostError, Placement, Report, Step,
};

/// That the neighbours on a device shall know of a VIP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedAnnouncement {
    pub(crate) vip: IpAddr,
    pub(crate) device: DeviceName,
    pub(crate) placement: Placement,
    pub(crate) announcement: Announcement,
}

impl WantedAnnouncement {
    /// Announces a VIP that was added just now. A device that nobody listens on is no reason to
    /// take the VIP away again.
    pub(super) async fn fulfil(&self, host: &Host, done: &Report) -> Result<Step, Error> {
        let outcome = match self.vip {
            vip if !done.has_added(vip) => AnnouncementOutcome::NothingNew,
            // Neighbours would be told, and then find nobody there when they ask.
            IpAddr::V6(_) if self.placement != Placement::Device => {
                AnnouncementOutcome::NotOnDevice
            }
            vip => match host.announce(vip, &self.device, self.announcement).await {
                Ok(announced) => AnnouncementOutcome::Announced(announced),
                Err(Error::Host(HostError::LinkDown { .. })) => AnnouncementOutcome::LinkDown,
                Err(Error::Host(HostError::NoNeighbours { .. })) => {
                    AnnouncementOutcome::NoNeighbours
                }
                Err(error) => return Err(error),
            },
        };
        Ok(Step::Announcement {
            vip: self.vip,
            device: self.device.clone(),
            outcome,
        })
    }
}
