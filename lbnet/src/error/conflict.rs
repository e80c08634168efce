//! What is in the way of a set-up.

use std::net::IpAddr;

use crate::{Address, DeviceName, HostRoute, NewLink, OuterFamily, Sysctl};

/// Something else is where the set-up would be, or it is not clear where it would be. Nothing was
/// changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// There is a device of this name, and it is something else.
    #[error(
        "{wanted} is asked for, but the device of this name is {found}: take down the set-up that it is for, or delete it"
    )]
    LinkDiffers {
        /// What was asked for.
        wanted: NewLink,
        /// What is there.
        found: String,
    },
    /// Another device does already what a tunnel device was asked for.
    #[error("{wanted} is asked for, but {found} is that already: ip link delete {found}")]
    TunnelElsewhere {
        /// What was asked for.
        wanted: NewLink,
        /// The device that is there.
        found: DeviceName,
    },
    /// The device has no address that packets in a tunnel could come to.
    #[error(
        "{device} has no {family} address that a tunnel could lead to: name the one that the director knows this host by"
    )]
    NoTunnelAddress {
        /// The device.
        device: DeviceName,
        /// The family of the VIP.
        family: OuterFamily,
    },
    /// The device has several addresses that packets in a tunnel could come to.
    #[error(
        "{device} has several addresses that a tunnel could lead to ({}): name the one that the director knows this host by",
        list(addresses)
    )]
    SeveralTunnelAddresses {
        /// The device.
        device: DeviceName,
        /// Its addresses.
        addresses: Vec<IpAddr>,
    },
    /// A tunnel was to lead to an address that this host does not have.
    #[error("{address} is no address of this host: a tunnel cannot lead to it")]
    NotOurAddress {
        /// The address.
        address: IpAddr,
    },
    /// A VIP that is not on the clients' side's device, where ARP is answered for those alone.
    #[error(
        "nobody would be answered for {vip}: it would not be on {device}, where {key} = {value} answers for its own addresses alone"
    )]
    VipNotAnswered {
        /// The VIP.
        vip: IpAddr,
        /// The device on the clients' side.
        device: DeviceName,
        /// The setting that is in the way.
        key: Sysctl,
        /// The value that holds.
        value: i64,
    },
    /// The VIP is on this host already, but not where it was asked for.
    #[error("{wanted} is asked for, but there is {found} already: delete one of them first")]
    AddressElsewhere {
        /// What was asked for.
        wanted: Box<Address>,
        /// What is there.
        found: Box<Address>,
    },
    /// A route to the VIP leads elsewhere.
    #[error("{wanted} is asked for, but there is {found} already: delete it first")]
    RouteElsewhere {
        /// What was asked for.
        wanted: HostRoute,
        /// What is there.
        found: HostRoute,
    },
    /// A value in `all` that no value on the device can mend.
    #[error("{key} = {value} outweighs what {device} would need: set it to {instead}")]
    SysctlInTheWay {
        /// The setting of all devices.
        key: Sysctl,
        /// Its value.
        value: i64,
        /// The device that needs another.
        device: DeviceName,
        /// A value that would do.
        instead: i64,
    },
}

fn list(addresses: &[IpAddr]) -> String {
    let addresses: Vec<_> = addresses.iter().map(IpAddr::to_string).collect();
    addresses.join(", ")
}
