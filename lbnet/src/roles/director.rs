//! Setting a director up, and taking it down.

mod wants;
use crate::{Director, Error, Host, Module, Report, SetUp, changes::wanted};
use wants::Wants;

impl Director {
    /// Sets the host up.
    ///
    /// Does what is not done yet, and says of each step what came of it. A second time nothing
    /// changes, and nothing is announced. Every change is in the journal before it is made; if one
    /// fails, those before it are undone. Takes as long as the announcement.
    ///
    /// # Errors
    /// Before anything is changed:
    /// - [`Invalid::Vip`](crate::Invalid::Vip), [`Invalid::Label`](crate::Invalid::Label): it would not work.
    /// - [`HostError::NoSuchDevice`](crate::HostError::NoSuchDevice): there is no such device.
    /// - [`Conflict::AddressElsewhere`](crate::Conflict::AddressElsewhere): the VIP is on this host with another device or prefix length.
    /// - [`Conflict::VipNotAnswered`](crate::Conflict::VipNotAnswered): the VIP would not be on the device, and ARP is answered for
    ///   addresses of the device alone.
    /// - [`HostError::MissingModule`](crate::HostError::MissingModule): connections are to be tracked, and there is no IPVS.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    /// - [`JournalError::Busy`](crate::JournalError::Busy) and others about the journal.
    ///
    /// Later: [`Error::PermissionDenied`], as announcing needs `CAP_NET_RAW`; [`HostError::ReadOnlySysctl`](crate::HostError::ReadOnlySysctl), [`Error::Kernel`], [`Error::RollbackFailed`].
    pub async fn up(&self, host: &Host) -> Result<Report, Error> {
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
        let wants = Wants::of(self);
        wanted::up(host, SetUp::from(self.clone()).id(), wants.on(host)).await
    }

    /// Undoes what [`Director::up`] changed, and nothing else.
    ///
    /// Goes by the journal: what was there before stays, what somebody else changed since is left
    /// alone and reported, what another set-up needs stays until that is taken down, and what is
    /// gone already is no error. Without an entry there is nothing to undo.
    ///
    /// # Errors
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    /// - [`JournalError::Damaged`](crate::JournalError::Damaged) and others about the journal.
    ///
    /// What could not be undone stays in the journal.
    pub async fn down(&self, host: &Host) -> Result<Report, Error> {
        wanted::down(host, SetUp::from(self.clone()).id(), &self.addresses()).await
    }
}
