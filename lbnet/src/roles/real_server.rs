//! Sets a real server up, and takes it down.

mod quiet;
mod receiving;

use crate::{
    Address, AddressScope, ConfTarget, Conflict, Delivery, DeviceName, Error, Host, HostRoute,
    Invalid, IpPrefix, Ipv4Conf, Link, Locked, Placement, RealServer, Report, Resolution,
    ServerPlacement, SetUp, Sysctl, Tunnel,
    changes::{
        down,
        wanted::{Want, check_ipv6},
    },
    model::vip,
    roles::{
        delivery::{Instead, check_elsewhere},
        device::{beside, receiving},
    },
};

impl RealServer {
    /// Sets the host up as this real server.
    ///
    /// It makes the changes that are missing, and reports each step. A second call changes nothing.
    /// If the host was set up with another tunnel or placement for the same VIP and device, what
    /// only those options needed is undone. Every change is recorded in the journal before it is made. If a
    /// change fails, the changes before it are rolled back.
    ///
    /// # Errors
    /// Before anything is changed:
    /// - [`Invalid::Vip`]: the VIP would not work on any host.
    /// - [`Invalid::NoClientDevice`]: the device is `lo`, where ARP settings have no effect.
    /// - [`HostError::NoSuchDevice`](crate::HostError::NoSuchDevice): there is no such device.
    /// - [`Conflict::PortOfMaster`]: the device is a port of a bridge or a bond.
    /// - [`Conflict::NotDelivered`]: the device is an ipvlan, and the VIP would be on `lo`, without a
    ///   tunnel.
    /// - [`Conflict::VrfComesFirst`]: the device belongs to a VRF whose table is looked up before that
    ///   of local addresses, and the VIP would be on `lo`, without a tunnel.
    /// - [`Conflict::VipDiscovered`]: an IPv6 VIP would be on a device that does neighbour discovery.
    /// - [`Conflict::VipWithoutHostScope`]: another program added the VIP to the device, and the host
    ///   answers ARP for it.
    /// - [`HostError::LinkDown`](crate::HostError::LinkDown): `lo` is down.
    /// - [`Conflict::AddressElsewhere`], [`Conflict::RouteElsewhere`]: the VIP is on another
    ///   device.
    /// - [`Conflict::SysctlBlocks`]: with the value in `all`, the host would answer ARP whatever
    ///   the value of the device.
    /// - [`Conflict::VipNotAnswered`]: this host is also the director of another VIP, which is not
    ///   on the device, and would no longer answer ARP for it. The same holds for devices that receive
    ///   the same ARP requests.
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
        down::down(host, id, &[self.address()]).await
    }

    /// Sets up the locked host.
    pub(super) async fn up_in(&self, locked: &mut Locked<'_>) -> Result<(), Error> {
        let host = locked.host;
        let server = self.clone().on_current_names(host).await?;
        server.check_options(host, locked.set_ups()).await?;
        let wants = async {
            let quiet = server.quiet(host).await?;
            Ok(server.wants(quiet, server.receiving(host).await?))
        };
        locked.fulfil(server.clone().into(), wants).await
    }

    /// Refuses options that would not work.
    async fn check_options(&self, host: &Host, set_ups: Vec<SetUp>) -> Result<(), Error> {
        vip::check(self.vip)?;
        if self.device == DeviceName::loopback() {
            return Err(Invalid::NoClientDevice.into());
        }
        let link = receiving(host, self.vip, &self.device).await?;
        if self.receives_ipv6() {
            let on_device = Address::new(IpPrefix::host(self.vip), link.name.clone());
            check_ipv6(host, &on_device)?;
        }
        self.check_delivery(host, &link).await?;
        self.check_directors(host, set_ups).await
    }

    /// Returns whether the packets that arrive on the device are IPv6.
    fn receives_ipv6(&self) -> bool {
        let end = self.tunnel.and_then(Tunnel::local_address);
        end.unwrap_or(self.vip).is_ipv6()
    }

    /// Refuses a place where packets for the VIP never arrive, or where neighbours find it.
    async fn check_delivery(&self, host: &Host, link: &Link) -> Result<(), Error> {
        let hides = self.vip.is_ipv4() || link.resolution == Resolution::None;
        match self.placement {
            // The inner packets arrive on the tunnel device.
            ServerPlacement::Loopback if self.tunnel.is_none() => {
                let instead = if hides {
                    Instead::ON_DEVICE
                } else {
                    Instead::NOT_ON_DEVICE
                };
                check_elsewhere(host, self.vip, link, instead).await
            }
            ServerPlacement::Device if !hides => Err(Error::Conflict(Conflict::VipDiscovered {
                vip: self.vip,
                device: link.name.clone(),
                instead: if link.receives_only_own() {
                    Delivery::Tunnel
                } else {
                    Delivery::Loopback
                },
            })),
            _ => Ok(()),
        }
    }

    /// Refuses a set-up that would stop the host from answering ARP for a director's VIP which is
    /// not on the device where neighbours ask for it.
    async fn check_directors(&self, host: &Host, set_ups: Vec<SetUp>) -> Result<(), Error> {
        let mut quiet = beside(host, &[&self.device]).await?;
        quiet.push(self.device.clone());
        let silenced = set_ups.into_iter().find_map(|set_up| match set_up {
            SetUp::Director(director) => {
                let vip = director.vip().address();
                let elsewhere = *director.vip_placement() != Placement::Device;
                let same_side = quiet.contains(director.device());
                let silenced = vip.is_ipv4() && elsewhere && same_side;
                silenced.then(|| (vip, director.device().clone()))
            }
            SetUp::RealServer(_) => None,
        });
        match silenced {
            Some((vip, device)) if self.vip.is_ipv4() => {
                let key = Ipv4Conf::ArpIgnore;
                Err(Error::Conflict(Conflict::VipNotAnswered {
                    vip,
                    key: Sysctl::ipv4_conf(ConfTarget::Device(device.clone()), key),
                    device,
                    value: 1,
                }))
            }
            _ => Ok(()),
        }
    }

    /// Returns the VIP as an address.
    pub(super) fn address(&self) -> Address {
        let device = match self.placement {
            ServerPlacement::Loopback => DeviceName::loopback(),
            ServerPlacement::Device => self.device.clone(),
        };
        Address::new(IpPrefix::host(self.vip), device).scope(AddressScope::Host)
    }

    /// Returns all wants, given those for ARP and for the tunnel.
    fn wants(&self, quiet: Vec<Want>, receiving: Vec<Want>) -> Vec<Want> {
        let mut wants = quiet;
        wants.extend(receiving);
        wants.push(Want::Address(self.address()));
        if self.vip.is_ipv4() && self.placement == ServerPlacement::Loopback {
            let route = HostRoute::new(self.vip, DeviceName::loopback());
            wants.push(Want::Route(route));
        }
        wants
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(vip: &str) -> RealServer {
        RealServer::new(vip.parse().unwrap(), "eth0".parse().unwrap())
    }

    fn shown(server: &RealServer) -> Vec<String> {
        let wants = server.wants(Vec::new(), Vec::new()).into_iter();
        let shown = wants.map(|want| match want {
            Want::Address(vip) => vip.to_string(),
            Want::Route(route) => route.to_string(),
            other => panic!("{other:?}"),
        });
        shown.collect()
    }

    #[test]
    fn a_vip_on_lo_is_there_before_its_route() {
        assert_eq!(
            shown(&server("10.10.10.100")),
            [
                "10.10.10.100/32 on lo",
                "the route to 10.10.10.100 through lo"
            ]
        );
    }

    #[test]
    fn an_ipv6_vip_and_one_on_the_device_need_nothing_else() {
        assert_eq!(shown(&server("2001:db8::100")), ["2001:db8::100/128 on lo"]);
        let on_device = server("10.10.10.100").placement(ServerPlacement::Device);
        assert_eq!(shown(&on_device), ["10.10.10.100/32 on eth0"]);
    }
}
