//! A socket that sends whole Ethernet frames on one device.

use std::{
    io,
    os::fd::{AsRawFd, OwnedFd},
};

use nix::{
    errno::Errno,
    ifaddrs::getifaddrs,
    sys::socket::{AddressFamily, LinkAddr, MsgFlags, SockFlag, SockType, sendto, socket},
};

use crate::{DeviceName, Error, HostError, Netns};

pub(super) struct PacketSocket {
    socket: OwnedFd,
    /// The device that sends the frames. nix has no constructor for this type but returns it from
    /// `getifaddrs`.
    link: LinkAddr,
    device: DeviceName,
}

impl PacketSocket {
    pub(super) fn open(netns: &Netns, device: &DeviceName) -> Result<Self, Error> {
        let open = || {
            // Without a protocol, the socket receives nothing, so its queue never fills.
            let socket = socket(
                AddressFamily::Packet,
                SockType::Raw,
                SockFlag::SOCK_CLOEXEC,
                None,
            )?;
            let link = getifaddrs()?
                .filter(|entry| entry.interface_name == device.as_str())
                .find_map(|entry| entry.address?.as_link_addr().copied());
            Ok((socket, link))
        };
        let (socket, link) = netns.run(open)?.map_err(|errno| refused(device, errno))?;
        let link = link.ok_or_else(|| {
            Error::Host(HostError::NoSuchDevice {
                device: device.clone(),
            })
        })?;
        Ok(Self {
            socket,
            link,
            device: device.clone(),
        })
    }

    pub(super) fn send(&self, frame: &[u8]) -> Result<(), Error> {
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
