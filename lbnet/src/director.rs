//! What a director needs around IPVS.

use serde::{Deserialize, Serialize};

use crate::{
    Address, Announcement, ConfTarget, DeviceName, Error, Host, IpPrefix, Ipv4Conf, Owner,
    Preference, Report, Role, Sysctl,
    setup::{self, Setting, Want, WantedAnnouncement},
    vip,
};

/// A director's VIP: the address on the clients' side, and silence about shorter ways.
///
/// For IPv4, in this order:
///
/// 1. `send_redirects` is switched off, in `all` and on the device. The kernel combines both with
///    OR, and a director that sends clients a redirect sends them past IPVS.
/// 2. The VIP is added to the device, under its label if it has one.
/// 3. The VIP is announced, so that neighbours who knew another host by it send here now.
///
/// For IPv6 the VIP is added as deprecated, and that is all: as a preferred address it could become
/// the source of the director's own connections, such as health checks and tunnels, which real
/// servers drop because the VIP is their own address too. Use `/128`.
///
/// # Examples
/// ```no_run
/// # async fn example(host: lbnet::Host) -> Result<(), lbnet::Error> {
/// let director =
///     lbnet::Director::new("192.0.2.100/24".parse()?, "eth0".parse()?).label("eth0:0");
/// for step in director.up(&host).await?.steps() {
///     println!("{step}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct Director {
    #[serde(rename = "address")]
    vip: IpPrefix,
    device: DeviceName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(default = "announced_by_default")]
    announcement: Option<Announcement>,
}

#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
fn announced_by_default() -> Option<Announcement> {
    Some(Announcement::default())
}

impl Director {
    /// A director for a VIP on a device, which is announced as often as by default.
    pub fn new(vip: IpPrefix, device: DeviceName) -> Self {
        Self {
            vip,
            device,
            label: None,
            announcement: Some(Announcement::default()),
        }
    }

    /// Sets the name under which old tools list the VIP, such as `eth0:0`. IPv4 only.
    pub fn label(self, label: impl Into<String>) -> Self {
        Self {
            label: Some(label.into()),
            ..self
        }
    }

    /// Sets how often the VIP is announced.
    pub fn announce(self, announcement: Announcement) -> Self {
        Self {
            announcement: Some(announcement),
            ..self
        }
    }

    /// Has the VIP not announced at all: for somebody else to do, such as a VRRP daemon.
    pub fn unannounced(self) -> Self {
        Self {
            announcement: None,
            ..self
        }
    }

    /// Sets the host up.
    ///
    /// Does what is not done yet, and says of each step what came of it. A second time nothing
    /// changes, and nothing is announced. Every change is in the journal before it is made; if one
    /// fails, those before it are undone. Takes as long as the announcement.
    ///
    /// # Errors
    /// Before anything is changed:
    /// - [`Error::InvalidVip`], [`Error::InvalidLabel`]: it would not work.
    /// - [`Error::NoSuchDevice`]: there is no such device.
    /// - [`Error::AddressElsewhere`]: the VIP is on this host with another device or prefix length.
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`; to announce, `CAP_NET_RAW`.
    /// - [`Error::JournalBusy`] and others about the journal.
    ///
    /// Later: [`Error::ReadOnlySysctl`], [`Error::Kernel`], [`Error::RollbackFailed`].
    pub async fn up(&self, host: &Host) -> Result<Report, Error> {
        vip::check(self.vip.address())?;
        if self.vip.is_reserved_in_network() {
            let reason = "in its network it means the network or everybody in it";
            return Err(Error::InvalidVip {
                vip: self.vip.address(),
                reason,
            });
        }
        if self.device == DeviceName::loopback() && self.vip != IpPrefix::host(self.vip.address()) {
            // The kernel takes a prefix on lo for addresses of this host, every one of them.
            let reason = "on lo its whole network would become this host: leave the prefix out";
            return Err(Error::InvalidVip {
                vip: self.vip.address(),
                reason,
            });
        }
        host.link(&self.device).await?;
        setup::up(host, self.owner(), &self.wants()).await
    }

    /// Undoes what [`Director::up`] changed, and nothing else.
    ///
    /// Goes by the journal: what was there before stays, what somebody else changed since is left
    /// alone and reported, what another set-up needs stays until that is taken down, and what is
    /// gone already is no error. Without an entry there is nothing to undo.
    ///
    /// # Errors
    /// - [`Error::PermissionDenied`]: needs `CAP_NET_ADMIN`.
    /// - [`Error::JournalDamaged`] and others about the journal.
    ///
    /// What could not be undone stays in the journal.
    pub async fn down(&self, host: &Host) -> Result<Report, Error> {
        setup::down(host, self.owner(), &self.wants()).await
    }

    pub(crate) fn vip(&self) -> IpPrefix {
        self.vip
    }

    pub(crate) fn device(&self) -> &DeviceName {
        &self.device
    }

    fn owner(&self) -> Owner {
        Owner {
            role: Role::Director,
            vip: self.vip.address(),
            device: self.device.clone(),
        }
    }

    fn wants(&self) -> Vec<Want> {
        let mut wants = Vec::new();
        let mut address = Address::new(self.vip, self.device.clone());
        address.label.clone_from(&self.label);
        if self.vip.address().is_ipv4() {
            for target in [ConfTarget::All, ConfTarget::Device(self.device.clone())] {
                let key = Sysctl::ipv4_conf(target, Ipv4Conf::SendRedirects);
                wants.push(Want::Setting(Setting::Exactly { key, value: 0 }));
            }
        } else {
            address.preference = Preference::Deprecated;
        }
        wants.push(Want::Address(address));
        if let Some(announcement) = self.announcement {
            let (vip, device) = (self.vip.address(), self.device.clone());
            wants.push(Want::Announcement(WantedAnnouncement {
                vip,
                device,
                announcement,
            }));
        }
        wants
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eth0() -> DeviceName {
        "eth0".parse().unwrap()
    }

    #[test]
    fn redirects_are_off_before_the_vip_is_there_and_it_is_announced_last() {
        let director = Director::new("10.10.10.100/24".parse().unwrap(), eth0()).label("eth0:0");
        let wants = director.wants();
        let [
            Want::Setting(all),
            Want::Setting(device),
            Want::Address(vip),
            Want::Announcement(_),
        ] = wants.as_slice()
        else {
            panic!("{wants:?}");
        };
        let off = |target| {
            let key = Sysctl::ipv4_conf(target, Ipv4Conf::SendRedirects);
            Setting::Exactly { key, value: 0 }
        };
        assert_eq!(*all, off(ConfTarget::All));
        assert_eq!(*device, off(ConfTarget::Device(eth0())));
        assert_eq!(vip.to_string(), "10.10.10.100/24 on eth0 as eth0:0");
    }

    #[test]
    fn an_ipv6_vip_is_deprecated_and_changes_no_setting() {
        let director = Director::new("2001:db8::100/128".parse().unwrap(), eth0()).unannounced();
        let wants = director.wants();
        let [Want::Address(vip)] = wants.as_slice() else {
            panic!("{wants:?}")
        };
        assert_eq!(vip.preference, Preference::Deprecated);
    }

    #[test]
    fn it_is_written_as_the_configuration_file_has_it() {
        let text = r#"{"address":"10.10.10.100/24","device":"eth0","label":"eth0:0"}"#;
        let director: Director = serde_json::from_str(text).unwrap();
        let vip = "10.10.10.100/24".parse().unwrap();
        assert_eq!(director, Director::new(vip, eth0()).label("eth0:0"));
        let silent = serde_json::to_string(&director.unannounced()).unwrap();
        assert_eq!(
            serde_json::from_str::<Director>(&silent)
                .unwrap()
                .announcement,
            None
        );
    }
}
