//! Announces addresses to the neighbours.

mod frame;
use crate::{
    Announced, Announcement, ConfTarget, DeviceName, Error, Host, HostError, Ipv6Conf, LinkState,
    MacAddress, Resolution, Sysctl, host::ethernet::socket::PacketSocket,
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
        let link = self.link(device).await?;
        let (Resolution::Arp, Some(mac)) = (link.resolution, link.mac) else {
            return Err(Error::Host(HostError::NoNeighbours {
                device: device.clone(),
            }));
        };
        if link.state == LinkState::Down {
            return Err(Error::Host(HostError::LinkDown {
                device: device.clone(),
            }));
        }
        let socket = PacketSocket::open(self.netns(), device)?;
        let frames = self.frames(mac, address, device);
        let rounds = announcement.rounds.get();
        for round in 0..rounds {
            if round > 0 {
                sleep(announcement.interval).await;
            }
            for frame in &frames {
                socket.send(frame)?;
            }
        }
        Ok(Announced {
            mac,
            rounds,
            left: 0,
        })
    }

    /// Refuses if the device does not exist or the process lacks the privilege to announce on it.
    pub(crate) fn check_can_announce(&self, device: &DeviceName) -> Result<(), Error> {
        PacketSocket::open(self.netns(), device).map(drop)
    }

    /// Returns the frames to send in each round.
    fn frames(&self, mac: MacAddress, address: IpAddr, device: &DeviceName) -> Vec<Vec<u8>> {
        match address {
            IpAddr::V4(address) => [Operation::Request, Operation::Reply]
                .map(|operation| {
                    let arp = GratuitousArp {
                        operation,
                        mac,
                        address,
                    };
                    arp.to_bytes().to_vec()
                })
                .to_vec(),
            IpAddr::V6(address) => {
                let device = ConfTarget::Device(device.clone());
                let forwarding = Sysctl::ipv6_conf(device, Ipv6Conf::Forwarding);
                let sender = match self.read_sysctl(&forwarding) {
                    Ok(0) | Err(_) => Sender::Host,
                    Ok(_) => Sender::Router,
                };
                let advertisement = NeighbourAdvertisement {
                    mac,
                    address,
                    sender,
                };
                vec![advertisement.to_bytes().to_vec()]
            }
        }
    }
}
