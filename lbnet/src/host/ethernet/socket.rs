//! A socket that sends whole Ethernet frames on one device.

use std::{
    io,
    os::fd::{AsRawFd, OwnedFd},
};

use nix::{
    errno::Errno,
    sys::socket::{AddressFamily, LinkAddr, MsgFlags, SockFlag, SockType, sendto, socket},
};

use super::device::link_address;
use crate::{DeviceName, Error, HostError, Netns};

pub(in crate::host) struct PacketSocket {
    socket: OwnedFd,
    link: LinkAddr,
    device: DeviceName,
}

impl PacketSocket {
    pub(in crate::host) fn open(netns: &Netns, device: &DeviceName) -> Result<Self, Error> {
        let open = || {
            // Without a protocol, the socket receives nothing, so its queue never fills.
            let socket = socket(
                AddressFamily::Packet,
                SockType::Raw,
                SockFlag::SOCK_CLOEXEC,
                None,
            )?;
            Ok((socket, link_address(device)?))
        };
        let (socket, link) = netns.run(open)?.map_err(|errno| refused(device, errno))?;
        let link = link.ok_or_else(|| {
            Error::Host(HostError::NoSuchDevice {
                device: device.clone(),
                alike: Vec::new(),
            })
        })?;
        Ok(Self {
            socket,
            link,
            device: device.clone(),
        })
    }

    pub(in crate::host) fn send(&self, frame: &[u8]) -> Result<(), Error> {
        loop {
            match sendto(
                self.socket.as_raw_fd(),
                frame,
                &self.link,
                MsgFlags::empty(),
            ) {
                Ok(_) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(Errno::ENETDOWN) => {
                    return Err(Error::Host(HostError::LinkDown {
                        device: self.device.clone(),
                    }));
                }
                Err(Errno::ENXIO | Errno::ENODEV) => {
                    return Err(Error::Host(HostError::NoSuchDevice {
                        device: self.device.clone(),
                        alike: Vec::new(),
                    }));
                }
                Err(errno) => return Err(refused(&self.device, errno)),
            }
        }
    }
}

fn refused(device: &DeviceName, errno: Errno) -> Error {
    let (action, source) = (format!("announcing on {device}"), io::Error::from(errno));
    match source.kind() {
        io::ErrorKind::PermissionDenied => Error::PermissionDenied {
            action,
            needs: "CAP_NET_RAW",
            source,
        },
        _ => Error::Kernel { action, source },
    }
}
