//! The settings that keep a real server from answering ARP for its VIP.

use crate::{
    AddressScope, Conflict, DeviceName, Error, Host, IpPrefix, Ipv4Conf, RealServer,
    ServerPlacement,
    changes::wanted::{Effective, Setting, Want},
    model::sysctl::{
        ARP_ANNOUNCE_ENOUGH, ARP_IGNORE_ENOUGH, ARP_IGNORE_HIDDEN, ARP_IGNORE_HIDDEN_ELSEWHERE,
    },
    roles::device::beside,
};

impl RealServer {
    /// Returns the wants for the device and for all others of this host that receive the same
    /// requests. The list is empty for IPv6: a device answers only for its own addresses.
    ///
    /// Refuses a VIP that is on the device already, and not with host scope.
    pub(super) async fn quiet(&self, host: &Host) -> Result<Vec<Want>, Error> {
        if self.vip.is_ipv6() {
            return Ok(Vec::new());
        }
        let addresses = host.addresses().await?;
        let mut loud = addresses.into_iter().filter(|it| {
            it.address.prefix.address() == self.vip && it.address.scope != AddressScope::Host
        });
        let loud = loud.next().map(|it| it.address);
        let alone = IpPrefix::host(self.vip);
        if let Some(found) = &loud
            && self.placement == ServerPlacement::Device
            && (&found.device, found.prefix) == (&self.device, alone)
        {
            return Err(Error::Conflict(Conflict::VipWithoutHostScope {
                found: Box::new(found.clone()),
            }));
        }
        let elsewhere = match loud {
            Some(_) => ARP_IGNORE_ENOUGH,
            None => ARP_IGNORE_HIDDEN_ELSEWHERE,
        };
        let mut wants = match self.placement {
            ServerPlacement::Loopback => quiet(&self.device, 1, elsewhere).to_vec(),
            ServerPlacement::Device => {
                // A device that comes up announces all its addresses if this is on.
                let notify = effective(&self.device, Ipv4Conf::ArpNotify, 0, &[0]);
                let mut wants = quiet(&self.device, 3, ARP_IGNORE_HIDDEN).to_vec();
                wants.push(notify);
                wants
            }
        };
        let others = beside(host, &[&self.device]).await?;
        wants.extend(others.iter().flat_map(|other| quiet(other, 1, elsewhere)));
        Ok(wants)
    }
}

fn quiet(device: &DeviceName, ignore: i64, enough: &'static [i64]) -> [Want; 2] {
    [
        effective(device, Ipv4Conf::ArpIgnore, ignore, enough),
        effective(device, Ipv4Conf::ArpAnnounce, 2, ARP_ANNOUNCE_ENOUGH),
    ]
}

fn effective(device: &DeviceName, key: Ipv4Conf, value: i64, enough: &'static [i64]) -> Want {
    Want::Setting(Setting::Effective(Effective {
        device: device.clone(),
        key,
        value,
        enough,
    }))
}
