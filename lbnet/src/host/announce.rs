//! Announces addresses to the neighbours.

mod frame;
use crate::{
    Announced, Announcement, ConfTarget, DeviceName, Error, Host, HostError, Ipv6Conf, LinkState,
    MacAddress, NoCarrier, Resolution, Sysctl, host::ethernet::socket::PacketSocket,
};
use frame::{GratuitousArp, NeighbourAdvertisement, Operation, Sender};
use std::net::IpAddr;
use tokio::time::sleep;

impl Host {
    /// Announces to the neighbours on a device that this host has an address. It sends gratuitous
    /// ARP for IPv4 and unsolicited neighbour advertisements for IPv6.
    ///
    /// The kernel does not announce an address when it is added. Neighbours that knew another host
    /// by this address would continue to send packets there. Each round for IPv4 consists of one
    /// ARP request and one ARP reply, because some switches and hosts evaluate only one of them.
    /// Never announce a VIP from a real server.
    ///
    /// The call takes (rounds - 1) times the interval. Same as `arping -U` and `arping -A`, and
    /// `ndsend`.
    ///
    /// # Errors
    /// - [`HostError::NoSuchDevice`]: there is no such device.
    /// - [`HostError::LinkDown`]: the device is down.
    /// - [`HostError::NoCarrier`]: the device has no carrier, so nobody would receive the frames.
    /// - [`HostError::NoNeighbours`]: the device is not Ethernet or does not use ARP.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_RAW`.
    ///
    /// # Kernel
    /// Receivers update an existing entry. They create a new one only if `arp_accept` is set.
    pub async fn announce(
        &self,
        address: IpAddr,
        device: &DeviceName,
        announcement: Announcement,
    ) -> Result<Announced, Error> {
        let announcer = self.announcer(device).await?;
        let rounds = announcement.rounds.get();
        for round in 0..rounds {
            if round > 0 {
                sleep(announcement.interval).await;
            }
            announcer.announce(address)?;
        }
        Ok(Announced {
            mac: announcer.mac,
            rounds,
            left: 0,
        })
    }

    /// Prepares to announce addresses on a device. The errors are those of [`Host::announce`].
    pub(crate) async fn announcer(&self, device: &DeviceName) -> Result<Announcer, Error> {
        let link = self.link(device).await?;
        let (Resolution::Arp, Some(mac)) = (link.resolution, link.mac) else {
            return Err(Error::Host(HostError::NoNeighbours {
                device: device.clone(),
            }));
        };
        if let Some(cause) = NoCarrier::of(&link, &self.links().await?) {
            let device = link.name;
            let is_off = cause.must_change == device && link.state == LinkState::Down;
            return Err(Error::Host(if is_off {
                HostError::LinkDown { device }
            } else {
                HostError::NoCarrier { device, cause }
            }));
        }
        let target = ConfTarget::Device(device.clone());
        let forwarding = Sysctl::ipv6_conf(target, Ipv6Conf::Forwarding);
        Ok(Announcer {
            mac,
            socket: PacketSocket::open(self.netns(), device)?,
            sender: match self.read_sysctl(&forwarding) {
                Ok(0) | Err(_) => Sender::Host,
                Ok(_) => Sender::Router,
            },
        })
    }

    /// Refuses if the device does not exist or the process lacks the privilege to announce on it.
    pub(crate) fn check_can_announce(&self, device: &DeviceName) -> Result<(), Error> {
        PacketSocket::open(self.netns(), device).map(drop)
    }
}

/// A device on which addresses are announced.
pub(crate) struct Announcer {
    pub(crate) mac: MacAddress,
    socket: PacketSocket,
    sender: Sender,
}

impl Announcer {
    /// Announces an address once.
    pub(crate) fn announce(&self, address: IpAddr) -> Result<(), Error> {
        let mac = self.mac;
        match address {
            IpAddr::V4(address) => {
                for operation in [Operation::Request, Operation::Reply] {
                    let arp = GratuitousArp {
                        operation,
                        mac,
                        address,
                    };
                    self.socket.send(&arp.to_bytes())?;
                }
                Ok(())
            }
            IpAddr::V6(address) => {
                let advertisement = NeighbourAdvertisement {
                    mac,
                    address,
                    sender: self.sender,
                };
                self.socket.send(&advertisement.to_bytes())
            }
        }
    }
}
