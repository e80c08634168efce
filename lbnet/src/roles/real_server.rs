//! Setting a real server up, and taking it down.

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
};

impl RealServer {
    /// Sets the host up as this real server.
    ///
    /// It does what is not done yet, and reports each step. A second call changes nothing. If the
    /// host was set up with another tunnel for the same VIP and device, what only that needed is
    /// undone. Every change is in the journal before it is made; if one fails, those before it are
    /// rolled back.
    ///
    /// # Errors
    /// Before anything is changed:
    /// - [`Invalid::Vip`]: the VIP would not work on any host.
    /// - [`Invalid::NotAClientSide`]: the device is `lo`, where ARP settings have no effect.
    /// - [`HostError::NoSuchDevice`](crate::HostError::NoSuchDevice): there is no such device.
    /// - [`HostError::LinkDown`](crate::HostError::LinkDown): `lo` is down.
    /// - [`Conflict::AddressElsewhere`], [`Conflict::RouteElsewhere`]: the VIP is on another device.
    /// - [`Conflict::SysctlInTheWay`]: a value in `all` answers ARP whatever the device has.
    /// - [`Conflict::VipNotAnswered`]: this host is the director of another VIP, which is not on the
    ///   device, and the host would no longer answer for it.
    /// - [`Conflict::NoTunnelAddress`], [`Conflict::SeveralTunnelAddresses`],
    ///   [`Conflict::NotOurAddress`]: it is not clear where the tunnel ends.
    /// - [`Conflict::LinkDiffers`], [`Conflict::TunnelElsewhere`], [`HostError::PortInUse`](crate::HostError::PortInUse):
    ///   something else is where the tunnel would be.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    /// - [`JournalError::Busy`](crate::JournalError::Busy) and others about the journal.
    ///
    /// Later: [`HostError::MissingModule`](crate::HostError::MissingModule), [`HostError::ReadOnlySysctl`](crate::HostError::ReadOnlySysctl), [`Error::Kernel`],
    /// [`Error::RollbackFailed`].
    pub async fn up(&self, host: &Host) -> Result<Report, Error> {
        self.check_options(host).await?;
        let id = SetUp::from(self.clone()).id();
        let mut locked = host.lock_for(id.change()).await?;
        let outcome = self.up_in(&mut locked).await;
        let report = locked.release().await;
        outcome.and(report)
    }

    /// Undoes what [`RealServer::up`] changed, and nothing else: the route, then the VIP, then the
    /// listener, the settings and the device. The journal says which tunnel there was.
    ///
    /// What was there before stays. What somebody else changed since is left alone and reported.
    /// What another set-up needs stays until that is taken down. What is gone already is no error.
    /// Without a record there is nothing to undo.
    ///
    /// # Errors
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    /// - [`JournalError::Damaged`](crate::JournalError::Damaged) and others about the journal.
    ///
    /// What could not be undone stays in the journal.
    pub async fn down(&self, host: &Host) -> Result<Report, Error> {
        let id = SetUp::from(self.clone()).id();
        down::down(host, id, &[self.on_lo()]).await
    }

    /// Sets the host up, which is locked.
    pub(super) async fn up_in(&self, locked: &mut Locked<'_>) -> Result<(), Error> {
        let host = locked.host;
        self.check_options(host).await?;
        let wants = async { Ok(self.wants(self.receiving(host).await?)) };
        locked.fulfil(self.clone().into(), wants).await
    }

    /// Refuses what would not work.
    async fn check_options(&self, host: &Host) -> Result<(), Error> {
        vip::check(self.vip)?;
        if self.device == DeviceName::loopback() {
            return Err(Invalid::NotAClientSide.into());
        }
        host.link(&self.device).await?;
        self.check_directors(host)
    }

    /// Refuses to silence a director's VIP that is answered for on this device, and is not on it.
    fn check_directors(&self, host: &Host) -> Result<(), Error> {
        let silenced = host.set_ups()?.into_iter().find_map(|set_up| match set_up {
            SetUp::Director(director) => {
                let vip = director.vip().address();
                let elsewhere = *director.place() != Placement::Device;
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

    /// All wants, given those about a tunnel.
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
