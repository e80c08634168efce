//! Sets a director up, and takes it down.

mod prefix;
mod wants;

use crate::{
    Conflict, Director, Error, Host, Link, Locked, Module, Placement, Report, SetUp,
    changes::down,
    roles::{
        delivery::{Instead, check_elsewhere},
        device::{beside, receiving},
    },
};
use wants::Wants;

impl Director {
    /// Sets the host up as this director.
    ///
    /// It makes the changes that are missing, and reports each step. A second call changes and
    /// announces nothing. If the host was set up with other options for the same VIP and device
    /// (another label, prefix or placement, or [`Director::masquerade`]), what only those options
    /// needed is undone. Every change is recorded in the journal before it is made. If a change
    /// fails, the changes before it are rolled back.
    ///
    /// If this host does not have the VIP yet, the call first asks the network whether another host
    /// has it, and waits for an answer: 1.5 seconds, or as [`Host::probing`] sets. It does not ask
    /// for a VIP that it does not announce, or with [`Director::claim`].
    ///
    /// The VIP is announced last, after the lock is released, so that other set-ups of this host
    /// need not wait. If the returned future is dropped during the announcement, the journal notes
    /// the announcement as due, and the next call sends it.
    ///
    /// # Errors
    /// Before anything is changed:
    /// - [`Invalid::Vip`](crate::Invalid::Vip), [`Invalid::Label`](crate::Invalid::Label): the
    ///   option would not work on any host.
    /// - [`HostError::NoSuchDevice`](crate::HostError::NoSuchDevice): there is no such device.
    /// - [`Conflict::PortOfMaster`](crate::Conflict::PortOfMaster): the device is a port of a bridge
    ///   or a bond.
    /// - [`Conflict::NotDelivered`], [`Conflict::ReceivesOnlyOwn`]: the device is an ipvlan, which does
    ///   not receive packets for a VIP on another device, nor what real servers send to clients.
    /// - [`Conflict::VrfComesFirst`]: the VIP would be on another device, and the device belongs to a
    ///   VRF whose table is looked up before that of local addresses.
    /// - [`Conflict::VipInUse`](crate::Conflict::VipInUse): another host has the VIP.
    /// - [`Conflict::AddressElsewhere`](crate::Conflict::AddressElsewhere): another program added
    ///   the VIP to this host, on another device or with another prefix length.
    /// - [`Conflict::VipNotAnswered`](crate::Conflict::VipNotAnswered): the VIP would not be on the
    ///   device, and the host answers ARP there only for addresses of the device.
    /// - [`HostError::MissingModule`](crate::HostError::MissingModule): connections are to be
    ///   tracked, but `ip_vs` cannot be loaded.
    /// - [`HostError::Ipv6Disabled`](crate::HostError::Ipv6Disabled),
    ///   [`HostError::NoIpv6`](crate::HostError::NoIpv6): the VIP is an IPv6 address, and IPv6 is off.
    /// - [`HostError::ReadOnlySysctl`](crate::HostError::ReadOnlySysctl): settings are needed, and
    ///   `/proc/sys` is mounted read-only.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`, or `CAP_NET_RAW` for
    ///   asking and announcing.
    /// - [`JournalError::Busy`](crate::JournalError::Busy) and other kinds of
    ///   [`JournalError`](crate::JournalError): the journal cannot be used.
    ///
    /// While changes are made:
    /// - [`Error::Kernel`]: the kernel refused a change.
    /// - [`Error::RollbackFailed`]: a change failed, and rolling back failed too.
    pub async fn up(&self, host: &Host) -> Result<Report, Error> {
        let director = self.clone().on_current_names(host).await?;
        director.check_options(host).await?;
        let set_up = SetUp::from(director);
        let id = set_up.id();
        let prepared = host.prepare_for(id.change(), &[set_up]).await?;
        let mut locked = prepared.lock().await?;
        let outcome = self.up_in(&mut locked).await;
        let report = locked.release().await;
        outcome.and(report)
    }

    /// Undoes what [`Director::up`] changed, and nothing else.
    ///
    /// The journal decides what to undo. What existed before stays. What another program has
    /// changed since is left alone and reported. What another set-up needs stays until that set-up
    /// is taken down. An object that no longer exists is not an error. Without a record there is
    /// nothing to undo.
    ///
    /// # Errors
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    /// - [`JournalError::Damaged`](crate::JournalError::Damaged) and other kinds of
    ///   [`JournalError`](crate::JournalError): the journal cannot be used.
    ///
    /// What could not be undone stays in the journal.
    pub async fn down(&self, host: &Host) -> Result<Report, Error> {
        let id = SetUp::from(self.clone()).id();
        let here = self.clone().on_current_names(host).await?;
        down::down(host, id, &here.addresses()).await
    }

    /// Sets up the locked host.
    pub(super) async fn up_in(&self, locked: &mut Locked<'_>) -> Result<(), Error> {
        let director = self.clone().on_current_names(locked.host).await?;
        director.check_options(locked.host).await?;
        let (host, set_ups) = (locked.host, locked.set_ups());
        let wants = async {
            let prefix = director.prefix_on(host, &set_ups).await?;
            let devices = [Some(&director.device), director.gateway.as_ref()];
            let devices: Vec<_> = devices.into_iter().flatten().collect();
            let beside = beside(host, &devices).await?;
            Wants::of(&director, prefix, &beside).on(host).await
        };
        locked.fulfil(director.clone().into(), wants).await
    }

    /// Refuses options that would not work, whatever other programs do.
    async fn check_options(&self, host: &Host) -> Result<(), Error> {
        self.check_vip()?;
        for device in [Some(&self.device), self.gateway.as_ref()]
            .into_iter()
            .flatten()
        {
            let link = receiving(host, self.vip.address(), device).await?;
            self.check_delivery(host, &link).await?;
        }
        if self.conntrack || self.reschedule {
            Module::IpVs.load_for("setting net.ipv4.vs".to_owned())?;
        }
        Ok(())
    }

    /// Refuses a device that does not receive what it is to receive.
    async fn check_delivery(&self, host: &Host, link: &Link) -> Result<(), Error> {
        if self.gateway.as_ref() == Some(&link.name) && link.receives_only_own() {
            return Err(Error::Conflict(Conflict::ReceivesOnlyOwn {
                device: link.name.clone(),
                kind: link.kind_name(),
            }));
        }
        if self.device != link.name || self.placement == Placement::Device {
            return Ok(());
        }
        check_elsewhere(host, self.vip.address(), link, Instead::ON_DEVICE).await
    }
}
