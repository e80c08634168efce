//! Values that are invalid on any host.

use std::net::IpAddr;

/// A value that is invalid on any host. Nothing was sent to the kernel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// The text is not an address with a prefix length.
    #[error("{text:?} is not an address with a prefix length: {reason}")]
    Prefix {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No network device can have this name.
    #[error(
        "{name:?} cannot be the name of a network device: 1 to 15 bytes (an alternative name: 127), no blanks, `/` or `:`"
    )]
    Device {
        /// The name.
        name: String,
    },
    /// The address cannot be a VIP.
    #[error("{vip} cannot be a VIP: {reason}")]
    Vip {
        /// The address.
        vip: IpAddr,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The kernel would refuse the label, or other tools would not show it.
    #[error("label {label:?} does not fit an address on {device}: {reason}")]
    Label {
        /// The label.
        label: String,
        /// The name of the device that has the address.
        device: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The text is not a [`Placement`](crate::Placement).
    #[error("{text:?} is not a place for a virtual IP: device, lo, dummy:NAME or route")]
    Placement {
        /// The text.
        text: String,
    },
    /// The text is not a [`ServerPlacement`](crate::ServerPlacement).
    #[error("{text:?} is not a place for the virtual IP of a real server: lo or device")]
    ServerPlacement {
        /// The text.
        text: String,
    },
    /// The text is not a setting that this crate knows.
    #[error("unknown setting: {text:?}")]
    Sysctl {
        /// The text.
        text: String,
    },
    /// The clients' side of a real server was given as `lo`.
    #[error(
        "lo cannot be on the clients' side, and ARP settings have no effect there: name the device that receives the clients' packets"
    )]
    NoClientDevice,
}
