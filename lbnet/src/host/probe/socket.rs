//! A socket that asks on one device and hears the answers.

use std::{io, net::IpAddr, os::fd::AsRawFd};

use nix::{
    errno::Errno,
    libc,
    sys::socket::{LinkAddr, MsgFlags, bind, recvfrom, sendto},
};
use socket2::{Domain, SockFilter, Socket, Type};
use tokio::io::{Interest, unix::AsyncFd};

use super::question::{Protocol, solicited_node};
use crate::{DeviceName, Error, HostError, Netns, host::ethernet::device::link_address};

/// More than any packet of these protocols has on Ethernet. What is longer is cut off.
pub(super) const LONGEST: usize = 2048;

pub(super) struct ProbeSocket {
    socket: AsyncFd<Socket>,
    link: LinkAddr,
    device: DeviceName,
    /// The memberships that let the device hear who else asks for an address. They end with it.
    _groups: Option<Socket>,
}

impl ProbeSocket {
    pub(super) fn open(
        netns: &Netns,
        device: &DeviceName,
        protocol: Protocol,
        addresses: &[IpAddr],
    ) -> Result<Self, Error> {
        let failed = |error| refused(device, error);
        let opened = netns.run(|| open(device, protocol, addresses))?;
        let Some((socket, link, groups)) = opened.map_err(failed)? else {
            return Err(Error::Host(HostError::NoSuchDevice {
                device: device.clone(),
                alike: Vec::new(),
            }));
        };
        Ok(Self {
            socket: register(socket).map_err(failed)?,
            link,
            device: device.clone(),
            _groups: groups,
        })
    }

    pub(super) async fn send(&self, frame: &[u8]) -> Result<(), Error> {
        let send = |socket: &Socket| {
            sendto(socket.as_raw_fd(), frame, &self.link, MsgFlags::empty())?;
            Ok(())
        };
        match self.socket.async_io(Interest::WRITABLE, send).await {
            // The queue of the device is full. The next round asks again.
            Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => Ok(()),
            other => other.map_err(|error| refused(&self.device, error)),
        }
    }

    /// Waits for a frame that is for this host. Returns `None` for one that is not.
    pub(super) async fn receive<'a>(
        &self,
        buffer: &'a mut [u8; LONGEST],
    ) -> Result<Option<&'a [u8]>, Error> {
        let receive = |socket: &Socket| Ok(recvfrom::<LinkAddr>(socket.as_raw_fd(), buffer)?);
        let received = self.socket.async_io(Interest::READABLE, receive).await;
        let (length, from) = received.map_err(|error| refused(&self.device, error))?;
        // A frame with the tag of a VLAN that this host does not have is for another host, too.
        let is_for_us = from.is_some_and(|from| {
            from.ifindex() == self.link.ifindex() && from.pkttype() != libc::PACKET_OTHERHOST
        });
        Ok(buffer.get(..length).filter(|_| is_for_us))
    }
}

#[expect(
    deprecated,
    reason = "the replacement is unsafe; a socket of socket2 owns its descriptor and keeps it"
)]
fn register(socket: Socket) -> io::Result<AsyncFd<Socket>> {
    AsyncFd::with_interest(socket, Interest::READABLE | Interest::WRITABLE)
}

type Opened = (Socket, LinkAddr, Option<Socket>);

/// Opens the sockets in the namespace of the calling thread.
fn open(
    device: &DeviceName,
    protocol: Protocol,
    addresses: &[IpAddr],
) -> io::Result<Option<Opened>> {
    let number = i32::from(protocol.ethertype().to_be());
    let socket = Socket::new(Domain::PACKET, Type::RAW, Some(number.into()))?;
    socket.set_nonblocking(true)?;
    let Some(link) = link_address(device)? else {
        return Ok(None);
    };
    let groups = match protocol {
        Protocol::Arp => None,
        Protocol::NeighbourDiscovery => {
            socket.attach_filter(&only_neighbour_discovery())?;
            join_groups(addresses, &link)
        }
    };
    bind(socket.as_raw_fd(), &link)?;
    Ok(Some((socket, link, groups)))
}

/// Keeps the clients' packets out of the queue of the socket, where they would displace an answer.
fn only_neighbour_discovery() -> [SockFilter; 7] {
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const NEXT_HEADER: u32 = 14 + 6;
    const ICMP_TYPE: u32 = 14 + 40;
    [
        SockFilter::new(LOAD_BYTE, 0, 0, NEXT_HEADER),
        SockFilter::new(JUMP_IF_EQUAL, 0, 3, 58),
        SockFilter::new(LOAD_BYTE, 0, 0, ICMP_TYPE),
        SockFilter::new(JUMP_IF_EQUAL, 2, 0, 135),
        SockFilter::new(JUMP_IF_EQUAL, 1, 0, 136),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ]
}

/// Joins the groups in which other hosts ask for these addresses. Answers go to all hosts, so a
/// failure only hides who else is about to take an address.
fn join_groups(addresses: &[IpAddr], link: &LinkAddr) -> Option<Socket> {
    let socket = Socket::new(Domain::IPV6, Type::DGRAM, None).ok()?;
    let device = u32::try_from(link.ifindex()).ok()?;
    for address in addresses {
        if let IpAddr::V6(address) = address {
            let _ = socket.join_multicast_v6(&solicited_node(*address), device);
        }
    }
    Some(socket)
}

fn refused(device: &DeviceName, source: io::Error) -> Error {
    let device = device.clone();
    match source.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENETDOWN) => Error::Host(HostError::LinkDown { device }),
        Some(Errno::ENXIO | Errno::ENODEV) => Error::Host(HostError::NoSuchDevice {
            device,
            alike: Vec::new(),
        }),
        Some(Errno::EPERM | Errno::EACCES) => Error::PermissionDenied {
            action: format!("asking on {device} who has an address"),
            needs: "CAP_NET_RAW",
            source,
        },
        _ => Error::Kernel {
            action: format!("asking on {device} who has an address"),
            source,
        },
    }
}
