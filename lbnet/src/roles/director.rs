//! Setting a director up, and taking it down.

mod wants;

use crate::{Director, Error, Host, Locked, Module, Report, SetUp, changes::down};
use wants::Wants;

impl Director {
    /// Sets the host up as this director.
    ///
    /// It does what is not done yet, and reports each step. A second call changes nothing and
    /// announces nothing. If the host was set up with other options for the same VIP and device
    /// (another label, prefix or placement, or with [`Director::masquerade`]), what only those
    /// needed is undone. Every change is in the journal before it is made; if one fails, those
    /// before it are rolled back.
    ///
    /// The VIP is announced at the end, after the lock is released: other set-ups of this host need
    /// not wait for it. If the returned future is dropped meanwhile, the announcement stays noted as
    /// due, and the next call makes it.
    ///
    /// # Errors
    /// Before anything is changed:
    /// - [`Invalid::Vip`](crate::Invalid::Vip), [`Invalid::Label`](crate::Invalid::Label): it would not work on any host.
    /// - [`HostError::NoSuchDevice`](crate::HostError::NoSuchDevice): there is no such device.
    /// - [`Conflict::AddressElsewhere`](crate::Conflict::AddressElsewhere): something else added the VIP to this host, with another
    ///   device or prefix length.
    /// - [`Conflict::VipNotAnswered`](crate::Conflict::VipNotAnswered): the VIP would not be on the device, and the host answers ARP
    ///   only for addresses of the device.
    /// - [`HostError::MissingModule`](crate::HostError::MissingModule): connections are to be tracked, and there is no IPVS.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`, or `CAP_NET_RAW` for the
    ///   announcement.
    /// - [`JournalError::Busy`](crate::JournalError::Busy) and others about the journal.
    ///
    /// Later: [`HostError::ReadOnlySysctl`](crate::HostError::ReadOnlySysctl), [`Error::Kernel`], [`Error::RollbackFailed`].
    pub async fn up(&self, host: &Host) -> Result<Report, Error> {
        self.check_options(host).await?;
        let id = SetUp::from(self.clone()).id();
        let mut locked = host.lock_for(id.change()).await?;
        let outcome = self.up_in(&mut locked).await;
        let report = locked.release().await;
        outcome.and(report)
    }

    /// Undoes what [`Director::up`] changed, and nothing else.
    ///
    /// It goes by the journal. What was there before stays. What somebody else changed since is left
    /// alone and reported. What another set-up needs stays until that is taken down. What is gone
    /// already is no error. Without a record there is nothing to undo.
    ///
    /// # Errors
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    /// - [`JournalError::Damaged`](crate::JournalError::Damaged) and others about the journal.
    ///
    /// What could not be undone stays in the journal.
    pub async fn down(&self, host: &Host) -> Result<Report, Error> {
        let id = SetUp::from(self.clone()).id();
        down::down(host, id, &self.addresses()).await
    }

    /// Sets the host up, which is locked.
    pub(super) async fn up_in(&self, locked: &mut Locked<'_>) -> Result<(), Error> {
        self.check_options(locked.host).await?;
        let wants = Wants::of(self);
        let wants = wants.on(locked.host);
        locked.fulfil(self.clone().into(), wants).await
    }

    /// Refuses what would not work, whoever else changes the host.
    async fn check_options(&self, host: &Host) -> Result<(), Error> {
        self.check_vip()?;
        for device in [Some(&self.device), self.gateway.as_ref()]
            .into_iter()
            .flatten()
        {
            host.link(device).await?;
        }
        if self.conntrack {
            Module::IpVs.load_for("tracking connections".to_owned())?;
        }
        Ok(())
    }
}
