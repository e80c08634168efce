//! Sets a real server up, and takes it down.

mod receiving;

use crate::{
    Address, AddressScope, ConfTarget, Conflict, DeviceName, Error, Host, HostRoute, Invalid,
    IpPrefix, Ipv4Conf, Locked, Placement, RealServer, Report, SetUp, Sysctl,
    changes::{
        down,
        wanted::{Effective, Setting, Want},
    },
    model::{
        sysctl::{ARP_ANNOUNCE_ENOUGH, ARP_IGNORE_ENOUGH},
        vip,
    },
    roles::device::receiving,
};

impl RealServer {
    /// Sets the host up as this real server.
    ///
    /// It makes the changes that are missing, and reports each step. A second call changes nothing.
    /// If the host was set up with another tunnel for the same VIP and device, what only that
    /// tunnel needed is undone. Every change is recorded in the journal before it is made. If a
    /// change fails, the changes before it are rolled back.
    ///
    /// # Errors
    /// Before anything is changed:
    /// - [`Invalid::Vip`]: the VIP would not work on any host.
    /// - [`Invalid::NoClientDevice`]: the device is `lo`, where ARP settings have no effect.
    /// - [`HostError::NoSuchDevice`](crate::HostError::NoSuchDevice): there is no such device.
    /// - [`Conflict::PortOfMaster`]: the device is a port of a bridge or a bond.
    /// - [`HostError::LinkDown`](crate::HostError::LinkDown): `lo` is down.
    /// - [`Conflict::AddressElsewhere`], [`Conflict::RouteElsewhere`]: the VIP is on another
    ///   device.
    /// - [`Conflict::SysctlBlocks`]: with the value in `all`, the host would answer ARP whatever
    ///   the value of the device.
    /// - [`Conflict::VipNotAnswered`]: this host is also the director of another VIP, which is not
    ///   on the device, and would no longer answer ARP for it.
    /// - [`Conflict::NoTunnelAddress`], [`Conflict::SeveralTunnelAddresses`],
    ///   [`Conflict::NotLocalAddress`]: the tunnel endpoint is missing, ambiguous or not on this
    ///   host.
    /// - [`Conflict::LinkDiffers`], [`Conflict::TunnelExists`],
    ///   [`HostError::PortInUse`](crate::HostError::PortInUse): something else occupies the place
    ///   of the tunnel.
    /// - [`HostError::Ipv6Disabled`](crate::HostError::Ipv6Disabled),
    ///   [`HostError::NoIpv6`](crate::HostError::NoIpv6): the VIP is an IPv6 address, and IPv6 is off.
    /// - [`HostError::ReadOnlySysctl`](crate::HostError::ReadOnlySysctl): settings are needed, and
    ///   `/proc/sys` is mounted read-only.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    /// - [`JournalError::Busy`](crate::JournalError::Busy) and other kinds of
    ///   [`JournalError`](crate::JournalError): the journal cannot be used.
    ///
    /// While changes are made:
    /// - [`HostError::MissingModule`](crate::HostError::MissingModule): the kernel has no module
    ///   for the tunnel.
    /// - [`Error::Kernel`]: the kernel refused a change.
    /// - [`Error::RollbackFailed`]: a change failed, and rolling back failed too.
    pub async fn up(&self, host: &Host) -> Result<Report, Error> {
        let server = self.clone().on_current_names(host).await?;
        server.check_options(host, host.set_ups()?).await?;
        let id = SetUp::from(server).id();
        let mut locked = host.lock_for(id.change()).await?;
        let outcome = self.up_in(&mut locked).await;
        let report = locked.release().await;
        outcome.and(report)
    }

    /// Undoes what [`RealServer::up`] changed, and nothing else: first the route, then the VIP,
    /// then the listener, the settings and the tunnel device. The journal records which tunnel was
    /// used.
    ///
    /// What existed before stays. What another program has changed since is left alone and
    /// reported. What another set-up needs stays until that set-up is taken down. An object that no
    /// longer exists is not an error. Without a record there is nothing to undo.
    ///
    /// # Errors
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    /// - [`JournalError::Damaged`](crate::JournalError::Damaged) and other kinds of
    ///   [`JournalError`](crate::JournalError): the journal cannot be used.
    ///
    /// What could not be undone stays in the journal.
    pub async fn down(&self, host: &Host) -> Result<Report, Error> {
        let id = SetUp::from(self.clone()).id();
        down::down(host, id, &[self.on_lo()]).await
    }

    /// Sets up the locked host.
    pub(super) async fn up_in(&self, locked: &mut Locked<'_>) -> Result<(), Error> {
        let host = locked.host;
        let server = self.clone().on_current_names(host).await?;
        server.check_options(host, locked.set_ups()).await?;
        let wants = async { Ok(server.wants(server.receiving(host).await?)) };
        locked.fulfil(server.clone().into(), wants).await
    }

    /// Refuses options that would not work.
    async fn check_options(&self, host: &Host, set_ups: Vec<SetUp>) -> Result<(), Error> {
        vip::check(self.vip)?;
        if self.device == DeviceName::loopback() {
            return Err(Invalid::NoClientDevice.into());
        }
        receiving(host, self.vip, &self.device).await?;
        self.check_directors(set_ups)
    }

    /// Refuses a set-up that would stop the host from answering ARP for a director's VIP which is
    /// not on this device.
    fn check_directors(&self, set_ups: Vec<SetUp>) -> Result<(), Error> {
        let silenced = set_ups.into_iter().find_map(|set_up| match set_up {
            SetUp::Director(director) => {
                let vip = director.vip().address();
                let elsewhere = *director.vip_placement() != Placement::Device;
                let same_side = *director.device() == self.device;
                (vip.is_ipv4() && elsewhere && same_side).then_some(vip)
            }
            SetUp::RealServer(_) => None,
        });
        match silenced {
            Some(vip) if self.vip.is_ipv4() => Err(Error::Conflict(Conflict::VipNotAnswered {
                vip,
                device: self.device.clone(),
                key: Sysctl::ipv4_conf(
                    ConfTarget::Device(self.device.clone()),
                    Ipv4Conf::ArpIgnore,
                ),
                value: 1,
            })),
            _ => Ok(()),
        }
    }

    pub(super) fn on_lo(&self) -> Address {
        Address::new(IpPrefix::host(self.vip), DeviceName::loopback()).scope(AddressScope::Host)
    }

    /// Returns all wants, given those for the tunnel.
    fn wants(&self, receiving: Vec<Want>) -> Vec<Want> {
        let mut wants = Vec::new();
        if self.vip.is_ipv4() {
            wants.push(self.quiet(Ipv4Conf::ArpIgnore, 1, ARP_IGNORE_ENOUGH));
            wants.push(self.quiet(Ipv4Conf::ArpAnnounce, 2, ARP_ANNOUNCE_ENOUGH));
        }
        wants.extend(receiving);
        wants.push(Want::Address(self.on_lo()));
        if self.vip.is_ipv4() {
            let route = HostRoute::new(self.vip, DeviceName::loopback());
            wants.push(Want::Route(route));
        }
        wants
    }

    fn quiet(&self, key: Ipv4Conf, value: i64, enough: &'static [i64]) -> Want {
        let device = self.device.clone();
        Want::Setting(Setting::Effective(Effective {
            device,
            key,
            value,
            enough,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(vip: &str) -> Vec<Want> {
        RealServer::new(vip.parse().unwrap(), "eth0".parse().unwrap()).wants(Vec::new())
    }

    #[test]
    fn arp_is_silent_before_the_vip_is_there() {
        let wants = wants("10.10.10.100");
        let [
            Want::Setting(Setting::Effective(ignore)),
            Want::Setting(Setting::Effective(announce)),
            Want::Address(vip),
            Want::Route(route),
        ] = wants.as_slice()
        else {
            panic!("{wants:?}");
        };
        assert_eq!((ignore.key, ignore.value), (Ipv4Conf::ArpIgnore, 1));
        assert_eq!((announce.key, announce.value), (Ipv4Conf::ArpAnnounce, 2));
        assert_eq!(
            (ignore.device.as_str(), announce.device.as_str()),
            ("eth0", "eth0")
        );
        assert_eq!(vip.to_string(), "10.10.10.100/32 on lo");
        assert_eq!(route.to_string(), "the route to 10.10.10.100 through lo");
    }

    #[test]
    fn an_ipv6_vip_needs_nothing_else() {
        let wants = wants("2001:db8::100");
        let [Want::Address(vip)] = wants.as_slice() else {
            panic!("{wants:?}")
        };
        assert_eq!(vip.to_string(), "2001:db8::100/128 on lo");
    }
}
