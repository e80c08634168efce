//! Wanted announcements.

use std::net::IpAddr;

use crate::{
    Announcement, AnnouncementOutcome, DeviceName, Error, Host, HostError, HostRoute, Step,
    changes::transaction::Transaction,
};

/// The neighbours on a device know of a VIP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedAnnouncement {
    pub(crate) vip: IpAddr,
    pub(crate) device: DeviceName,
    pub(crate) placement: VipIs,
    pub(crate) announcement: Announcement,
}

/// Where the VIP is, seen from the device on which it is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VipIs {
    OnDevice,
    Elsewhere,
}

impl WantedAnnouncement {
    /// Refuses an announcement for which the privilege is missing, while nothing is changed yet.
    pub(super) async fn check(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let host = transaction.host;
        if !transaction.is_due() && is_there(host, self.vip).await? {
            return Ok(());
        }
        host.check_can_announce(&self.device)
    }

    /// A step if there is nothing to announce.
    pub(super) fn fulfil(&self, transaction: &mut Transaction<'_>) -> Result<Option<Step>, Error> {
        if !transaction.is_due() {
            return Ok(Some(self.step(AnnouncementOutcome::NothingNew)));
        }
        // Neighbours would be told, and then find nobody there when they ask.
        if self.vip.is_ipv6() && self.placement == VipIs::Elsewhere {
            transaction.settle()?;
            return Ok(Some(self.step(AnnouncementOutcome::NotOnDevice)));
        }
        Ok(None)
    }

    /// Announces the VIP. A device that nobody listens on is no error.
    pub(in crate::changes) async fn announce(&self, host: &Host) -> Result<Step, Error> {
        let announced = host.announce(self.vip, &self.device, self.announcement);
        Ok(self.step(match announced.await {
            Ok(announced) => AnnouncementOutcome::Announced(announced),
            Err(Error::Host(HostError::LinkDown { .. })) => AnnouncementOutcome::LinkDown,
            Err(Error::Host(HostError::NoNeighbours { .. })) => AnnouncementOutcome::NoNeighbours,
            Err(error) => return Err(error),
        }))
    }

    fn step(&self, outcome: AnnouncementOutcome) -> Step {
        Step::Announcement {
            vip: self.vip,
            device: self.device.clone(),
            outcome,
        }
    }
}

/// Whether the VIP is an address of this host already.
async fn is_there(host: &Host, vip: IpAddr) -> Result<bool, Error> {
    let addresses = host.addresses().await?;
    if addresses
        .iter()
        .any(|status| status.address.prefix.address() == vip)
    {
        return Ok(true);
    }
    let routes = host.host_routes().await?;
    Ok(routes
        .iter()
        .any(|status| status.route == HostRoute::local(vip)))
}
