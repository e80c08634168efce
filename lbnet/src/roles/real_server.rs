//! Setting a real server up, and taking it down.

mod receiving;
use crate::{
    Address, AddressScope, ConfTarget, Conflict, DeviceName, Error, Host, HostRoute, Invalid,
    IpPrefix, Ipv4Conf, Placement, RealServer, Report, SetUp, Sysctl,
    changes::wanted::{self, Effective, Setting, Want},
    model::{
        sysctl::{ARP_ANNOUNCE_ENOUGH, ARP_IGNORE_ENOUGH},
        vip,
    },
};

impl RealServer {
    /// Sets the host up.
    ///
    /// Does what is not done yet, and says of each step what came of it. A second time nothing
    /// changes. Every change is in the journal before it is made; if one fails, those before it are
    /// undone.
    ///
    /// # Errors
    /// Before anything is changed:
    /// - [`Invalid::Vip`]: it would not work.
    /// - [`Invalid::NotAClientSide`]: the device is `lo`, where ARP settings have no effect.
    /// - [`HostError::NoSuchDevice`](crate::HostError::NoSuchDevice): there is no such device.
    /// - [`HostError::LinkDown`](crate::HostError::LinkDown): `lo` is down.
    /// - [`Conflict::AddressElsewhere`], [`Conflict::RouteElsewhere`]: the VIP is on another device.
    /// - [`Conflict::SysctlInTheWay`]: a value in `all` answers ARP whatever the device has.
    /// - [`Conflict::VipNotAnswered`]: this host is the director of another VIP, which is not on the
    ///   device, and nobody would be answered for it any more.
    /// - [`Conflict::NoTunnelAddress`], [`Conflict::SeveralTunnelAddresses`], [`Conflict::NotOurAddress`]: it
    ///   is not clear where a tunnel leads to.
    /// - [`Conflict::LinkDiffers`], [`Conflict::TunnelElsewhere`], [`HostError::PortInUse`](crate::HostError::PortInUse): something else is
    ///   where the tunnel would be.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    /// - [`JournalError::Busy`](crate::JournalError::Busy) and others about the journal.
    ///
    /// Later: [`HostError::MissingModule`](crate::HostError::MissingModule), [`HostError::ReadOnlySysctl`](crate::HostError::ReadOnlySysctl), [`Error::Kernel`],
    /// [`Error::RollbackFailed`].
    pub async fn up(&self, host: &Host) -> Result<Report, Error> {
        vip::check(self.vip)?;
        if self.device == DeviceName::loopback() {
            return Err(Invalid::NotAClientSide.into());
        }
        host.link(&self.device).await?;
        self.check_directors(host)?;
        let wants = async { Ok(self.wants(self.receiving(host).await?)) };
        wanted::up(host, SetUp::from(self.clone()).id(), wants).await
    }

    /// Undoes what [`RealServer::up`] changed, and nothing else: the route, then the VIP, then the
    /// listener, the settings and the device. Which tunnel there was is known from the journal.
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
        wanted::down(host, SetUp::from(self.clone()).id(), &[self.on_lo()]).await
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

    fn on_lo(&self) -> Address {
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
