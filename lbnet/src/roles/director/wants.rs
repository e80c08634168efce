//! The wants of a director, in a safe order.

use crate::{
    Address, ConfTarget, Conflict, DeviceName, Director, Error, Host, HostRoute, IpPrefix,
    Ipv4Conf, Ipv4Setting, Ipv6Conf, Link, NewLink, Placement, Preference, Step, Sysctl, VsSetting,
    changes::wanted::{Effective, Question, Setting, VipIs, Want, WantedAnnouncement},
};

/// Values of `rp_filter` that accept replies whose source is an address of the director: off and
/// loose.
const RP_FILTER_ENOUGH: &[i64] = &[0, 2];

pub(super) struct Wants<'a> {
    director: &'a Director,
    /// The VIP with the prefix length that it gets on this host.
    prefix: IpPrefix,
    /// The other devices that receive what is broadcast to the director's own.
    beside: &'a [DeviceName],
}

impl Director {
    /// Returns the entries that the VIP may have on a host. The list is empty if there is only a
    /// route.
    pub(in crate::roles) fn addresses(&self) -> Vec<Address> {
        let alone = IpPrefix::host(self.vip.address());
        let mut entries: Vec<_> = [self.vip, alone]
            .into_iter()
            .filter_map(|prefix| self.address(prefix))
            .collect();
        entries.dedup();
        entries
    }

    /// Returns the VIP as an address, with this prefix length if it is on the clients' device.
    /// Returns `None` if there is only a route.
    fn address(&self, prefix: IpPrefix) -> Option<Address> {
        let alone = IpPrefix::host(self.vip.address());
        let mut address = match &self.placement {
            Placement::Device => Address::new(prefix, self.device.clone()),
            Placement::Loopback => Address::new(alone, DeviceName::loopback()),
            Placement::Dummy(name) => Address::new(alone, name.clone()),
            Placement::Route => return None,
        };
        address.label.clone_from(&self.label);
        if self.vip.address().is_ipv6() {
            address.preference = Preference::Deprecated;
        }
        Some(address)
    }
}

impl Director {
    /// Returns how to announce the VIP, unless another program does.
    pub(in crate::roles) fn wanted_announcement(&self) -> Option<WantedAnnouncement> {
        Some(WantedAnnouncement {
            vip: self.vip.address(),
            device: self.device.clone(),
            placement: match self.placement {
                Placement::Device => VipIs::OnDevice,
                _ => VipIs::Elsewhere,
            },
            announcement: self.announcement?,
            question: self.question(),
        })
    }

    /// Returns what to ask the network before the VIP is added. A VIP that this host will not
    /// announce may be on other hosts too: another program decides which of them clients use. For
    /// an IPv6 VIP that is not on the device, it is a router that decides.
    pub(in crate::roles) fn question(&self) -> Option<Question> {
        let vip = self.vip.address();
        let decides =
            self.announcement.is_some() && (vip.is_ipv4() || self.placement == Placement::Device);
        (decides && !self.claim).then(|| (vip, self.device.clone()))
    }
}

/// What makes the kernel choose again for a client whose real server takes no new clients. The first
/// value has two bits: connections in TIME_WAIT, and those in FIN_WAIT whose replies this host does not
/// see.
fn rescheduling() -> [Want; 3] {
    [
        (VsSetting::ConnReuseMode, 3),
        (VsSetting::ExpireNodestConn, 1),
        (VsSetting::ExpireQuiescentTemplate, 1),
    ]
    .map(|(setting, value)| exactly(Sysctl::Vs(setting), value))
}

impl<'a> Wants<'a> {
    /// `prefix` is the VIP with the prefix length that it gets.
    pub(super) fn of(director: &'a Director, prefix: IpPrefix, beside: &'a [DeviceName]) -> Self {
        Self {
            director,
            prefix,
            beside,
        }
    }

    /// Returns all wants, given the present state of a host.
    pub(super) async fn on(&self, host: &Host) -> Result<Vec<Want>, Error> {
        let mut wants = Vec::new();
        if self.director.conntrack {
            wants.push(exactly(Sysctl::Vs(VsSetting::Conntrack), 1));
        }
        if self.director.reschedule {
            wants.extend(rescheduling());
        }
        if self.director.masquerade || self.director.gateway.is_some() {
            wants.extend(self.passing_on(host).await?);
        }
        if self.is_ipv4() {
            self.check_is_answered(host)?;
            wants.extend(self.ipv4_settings());
        }
        wants.extend(self.vip());
        Ok(wants)
    }

    fn is_ipv4(&self) -> bool {
        self.director.vip.address().is_ipv4()
    }

    /// Returns the wants that switch forwarding on.
    async fn passing_on(&self, host: &Host) -> Result<Vec<Want>, Error> {
        if self.is_ipv4() {
            return Ok(vec![exactly(Sysctl::Ipv4(Ipv4Setting::IpForward), 1)]);
        }
        // Once forwarding is on, the kernel ignores router advertisements and loses its default
        // route.
        let mut wants = Vec::new();
        let links = host.links().await?.into_iter();
        for link in links.filter(Link::resolves_neighbours) {
            let accept_ra = Sysctl::ipv6_conf(ConfTarget::Device(link.name), Ipv6Conf::AcceptRa);
            // If an earlier set-up raised the value, it must stay raised for this set-up too.
            if matches!(host.read_sysctl(&accept_ra), Ok(1 | 2)) {
                wants.push(exactly(accept_ra, 2));
            }
        }
        let forwarding = Sysctl::ipv6_conf(ConfTarget::All, Ipv6Conf::Forwarding);
        wants.push(exactly(forwarding, 1));
        Ok(wants)
    }

    fn ipv4_settings(&self) -> Vec<Want> {
        let Director {
            device, gateway, ..
        } = self.director;
        let mut quiet = vec![ConfTarget::All, ConfTarget::Device(device.clone())];
        quiet.extend(
            gateway
                .iter()
                .filter(|gateway| *gateway != device)
                .chain(self.beside)
                .cloned()
                .map(ConfTarget::Device),
        );
        let redirects = |target| Sysctl::ipv4_conf(target, Ipv4Conf::SendRedirects);
        let mut wants: Vec<_> = quiet
            .into_iter()
            .map(|target| exactly(redirects(target), 0))
            .collect();
        if let Some(gateway) = gateway {
            let own = |key| Sysctl::ipv4_conf(ConfTarget::Device(gateway.clone()), key);
            wants.push(exactly(own(Ipv4Conf::AcceptLocal), 1));
            wants.push(Want::Setting(Setting::Effective(Effective {
                device: gateway.clone(),
                key: Ipv4Conf::RpFilter,
                value: 2,
                enough: RP_FILTER_ENOUGH,
            })));
        }
        wants
    }

    /// Refuses a VIP outside the clients' device if the host answers ARP there only for addresses
    /// of that device.
    fn check_is_answered(&self, host: &Host) -> Result<(), Error> {
        let Director {
            device, placement, ..
        } = self.director;
        if *placement == Placement::Device || *device == DeviceName::loopback() {
            return Ok(());
        }
        let key = |target| Sysctl::ipv4_conf(target, Ipv4Conf::ArpIgnore);
        let all = host.read_sysctl(&key(ConfTarget::All))?;
        let on_device = key(ConfTarget::Device(device.clone()));
        let own = host.read_sysctl(&on_device)?;
        // All values above 2 except 8 answer for addresses of global scope.
        match Ipv4Conf::ArpIgnore.effective(all, own) {
            value @ (1 | 2 | 8) => Err(Error::Conflict(Conflict::VipNotAnswered {
                vip: self.director.vip.address(),
                device: device.clone(),
                key: if value == own {
                    on_device
                } else {
                    key(ConfTarget::All)
                },
                value,
            })),
            _ => Ok(()),
        }
    }

    fn vip(&self) -> Vec<Want> {
        let vip = self.director.vip.address();
        let mut wants = Vec::new();
        match &self.director.placement {
            Placement::Device | Placement::Loopback => {}
            Placement::Dummy(name) => wants.push(Want::Link(NewLink::dummy(name.clone()))),
            Placement::Route => wants.push(Want::Route(HostRoute::local(vip))),
        }
        if self.prefix != self.director.vip {
            wants.push(Want::Advice(Step::AddedAlone {
                vip: self.director.vip,
                device: self.director.device.clone(),
            }));
        }
        wants.extend(self.director.address(self.prefix).map(Want::Address));
        let announcement = self.director.wanted_announcement();
        wants.extend(announcement.map(Want::Announcement));
        wants
    }
}

fn exactly(key: Sysctl, value: i64) -> Want {
    Want::Setting(Setting::Exactly { key, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eth0() -> DeviceName {
        "eth0".parse().unwrap()
    }

    fn of(director: &Director) -> Wants<'_> {
        Wants::of(director, director.vip, &[])
    }

    fn off(target: ConfTarget) -> Want {
        exactly(Sysctl::ipv4_conf(target, Ipv4Conf::SendRedirects), 0)
    }

    #[test]
    fn redirects_are_off_before_the_vip_is_there_and_it_is_announced_last() {
        let director = Director::new("10.10.10.100/24".parse().unwrap(), eth0()).label("eth0:0");
        let wants = of(&director);
        assert_eq!(
            wants.ipv4_settings(),
            [off(ConfTarget::All), off(ConfTarget::Device(eth0()))]
        );
        let vip = wants.vip();
        let [Want::Address(vip), Want::Announcement(_)] = vip.as_slice() else {
            panic!("{vip:?}");
        };
        assert_eq!(vip.to_string(), "10.10.10.100/24 on eth0 as eth0:0");
    }

    #[test]
    fn an_ipv6_vip_is_deprecated() {
        let director = Director::new("2001:db8::100/128".parse().unwrap(), eth0()).unannounced();
        let vip = of(&director).vip();
        let [Want::Address(vip)] = vip.as_slice() else {
            panic!("{vip:?}")
        };
        assert_eq!(vip.preference, Preference::Deprecated);
    }

    #[test]
    fn the_gateway_of_the_real_servers_takes_what_comes_from_its_own_address() {
        let eth1: DeviceName = "eth1".parse().unwrap();
        let director = Director::new("10.10.10.100/24".parse().unwrap(), eth0());
        let director = director.gateway_on(eth1.clone());
        let settings = of(&director).ipv4_settings();
        let [
            _,
            _,
            redirects,
            accept_local,
            Want::Setting(Setting::Effective(filter)),
        ] = settings.as_slice()
        else {
            panic!("{settings:?}");
        };
        assert_eq!(*redirects, off(ConfTarget::Device(eth1.clone())));
        let key = Sysctl::ipv4_conf(ConfTarget::Device(eth1), Ipv4Conf::AcceptLocal);
        assert_eq!(*accept_local, exactly(key, 1));
        assert_eq!((filter.key, filter.value), (Ipv4Conf::RpFilter, 2));
    }

    #[test]
    fn a_dummy_is_there_before_the_vip_and_a_route_needs_no_address() {
        let vip = "10.10.10.100".parse().unwrap();
        let director = Director::new(vip, eth0()).unannounced();
        let dummy = director
            .clone()
            .placement(Placement::Dummy("ipvs0".parse().unwrap()));
        let wants = of(&dummy).vip();
        assert!(
            matches!(wants.as_slice(), [Want::Link(_), Want::Address(_)]),
            "{wants:?}"
        );
        let route = director.placement(Placement::Route);
        let wants = of(&route).vip();
        assert!(matches!(wants.as_slice(), [Want::Route(_)]), "{wants:?}");
    }
}
