//! The address of a device for packet sockets.

use nix::{ifaddrs::getifaddrs, sys::socket::LinkAddr};

use crate::DeviceName;

/// Finds a device in the namespace of the calling thread. nix has no constructor for this type but
/// returns it from `getifaddrs`.
pub(in crate::host) fn link_address(device: &DeviceName) -> nix::Result<Option<LinkAddr>> {
    let mut entries = getifaddrs()?.filter(|entry| entry.interface_name == device.as_str());
    Ok(entries.find_map(|entry| entry.address?.as_link_addr().copied()))
}
