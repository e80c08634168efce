//! Reading, adding, changing and deleting addresses.

mod message;
use crate::{
    Address, AddressStatus, Error, Host, HostError, Preference, host::followed::Table,
    model::address::check_label,
};
use rtnetlink::{
    packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE},
    packet_route::{RouteNetlinkMessage, address::AddressMessage},
};
use std::io;

impl Host {
    /// Returns all addresses of the namespace, IPv4 and IPv6.
    ///
    /// Same as `ip address show`.
    pub async fn addresses(&self) -> Result<Vec<AddressStatus>, Error> {
        let since = match self.followed.addresses() {
            Table::Now(addresses) => return Ok(addresses),
            Table::Unread(since) => since,
        };
        let messages = self.address_messages().await?;
        let names = self.device_names().await?;
        let addresses = messages.into_iter().filter_map(|message| {
            // A device that was added between the two dumps has no known name: leave its addresses
            // out.
            let device = names.get(&message.header.index)?.clone();
            message::parse(message, device)
        });
        let addresses: Vec<_> = addresses.collect();
        self.followed.keep(since, |known| {
            known.keep_addresses(addresses.clone(), message::parse);
        });
        Ok(addresses)
    }

    async fn address_messages(&self) -> Result<Vec<AddressMessage>, Error> {
        let reading = |source| Error::Kernel {
            action: "reading the addresses".to_owned(),
            source,
        };
        let request = RouteNetlinkMessage::GetAddress(AddressMessage::default());
        let messages = self.netlink().dump(request).await.map_err(reading)?;
        let addresses = messages.into_iter().filter_map(|message| match message {
            RouteNetlinkMessage::NewAddress(message) => Some(message),
            _ => None,
        });
        Ok(addresses.collect())
    }

    /// Adds an address and marks it as added by this crate.
    ///
    /// The address is not announced; see [`Host::announce`].
    ///
    /// Same as `ip address add`.
    ///
    /// # Errors
    /// - [`HostError::AddressExists`]: the device already has the address.
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`Invalid::Label`](crate::Invalid::Label): the label is too long or does not start with
    ///   the device's name.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_NEWADDR`. The mark is `IFA_PROTO`. Kernels before 5.18 ignore it.
    #[doc(alias = "RTM_NEWADDR")]
    pub async fn add_address(&self, address: &Address) -> Result<(), Error> {
        check_label(address)?;
        let link = self.link(&address.device).await?;
        let request = RouteNetlinkMessage::NewAddress(message::new(address, link.index));
        match self
            .netlink()
            .change(request, NLM_F_CREATE | NLM_F_EXCL)
            .await
        {
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::Host(HostError::AddressExists {
                    address: address.clone(),
                }))
            }
            Err(source) => Err(Error::refused(format!("adding {address}"), source)),
            Ok(()) => {
                self.notice_added(address, link.index).await;
                Ok(())
            }
        }
    }

    /// Takes in an IPv6 address that was added. The kernel notifies of it some time later, when its
    /// duplicate detection has ended (`addrconf_dad_completed`), even if there was none.
    async fn notice_added(&self, address: &Address, index: u32) {
        if address.prefix.address().is_ipv6() && self.followed.is_active() {
            let request = RouteNetlinkMessage::GetAddress(message::key(address, index));
            let added = self.netlink().get(request).await;
            self.followed.notice(added.ok().flatten());
        }
    }

    /// Deletes an address.
    ///
    /// If the address is the first of several IPv4 addresses of its network on the device, the
    /// kernel deletes the others too, unless `promote_secondaries` is on.
    ///
    /// Same as `ip address delete`.
    ///
    /// # Errors
    /// - [`HostError::AddressNotFound`]: the device does not have the address.
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_DELADDR`.
    #[doc(alias = "RTM_DELADDR")]
    pub async fn delete_address(&self, address: &Address) -> Result<(), Error> {
        let link = self.link(&address.device).await?;
        let request = RouteNetlinkMessage::DelAddress(message::key(address, link.index));
        match self.netlink().change(request, 0).await {
            Err(source) if source.kind() == io::ErrorKind::AddrNotAvailable => {
                Err(Error::Host(HostError::AddressNotFound {
                    address: address.clone(),
                }))
            }
            other => other.map_err(|source| Error::refused(format!("deleting {address}"), source)),
        }
    }

    /// Sets whether the kernel may choose an address as source of new connections. The address keeps
    /// its label, scope, lifetime and flags.
    ///
    /// Same as `ip address change … preferred_lft 0`, or `preferred_lft forever`.
    ///
    /// # Errors
    /// - [`HostError::AddressNotFound`]: the device does not have the address.
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `RTM_NEWADDR` with `NLM_F_REPLACE`. For IPv4 the kernel stores the preference and ignores it.
    pub async fn set_address_preference(
        &self,
        address: &Address,
        preference: Preference,
    ) -> Result<(), Error> {
        let link = self.link(&address.device).await?;
        let not_found = || {
            Error::Host(HostError::AddressNotFound {
                address: address.clone(),
            })
        };
        // The kernel takes what the request has for all there is: what it sent goes back to it.
        let mut found = self.address_messages().await?.into_iter().filter(|it| {
            let status = message::parse(AddressMessage::clone(it), link.name.clone());
            it.header.index == link.index
                && status.is_some_and(|status| status.address.is_same_entry(address))
        });
        let mut request = found.next().ok_or_else(not_found)?;
        message::prefer(&mut request, preference);
        let request = RouteNetlinkMessage::NewAddress(request);
        let changed = self.netlink().change(request, NLM_F_REPLACE).await;
        changed.map_err(|source| Error::refused(format!("changing {address}"), source))
    }
}
