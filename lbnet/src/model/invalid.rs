//! What makes no sense, whatever the host.

use std::net::IpAddr;

/// A value that makes no sense on any host. Nothing was asked of the kernel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// Text that is no address with a prefix length.
    #[error("{text:?} is no address with a prefix length: {reason}")]
    Prefix {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A name that no device can have.
    #[error(
        "{name:?} cannot be the name of a network device: 1 to 15 bytes, no blanks, `/` or `:`"
    )]
    Device {
        /// What was given.
        name: String,
    },
    /// An address that cannot be a VIP.
    #[error("{vip} cannot be a VIP: {reason}")]
    Vip {
        /// What was given.
        vip: IpAddr,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A label that the kernel would refuse or other tools would not show.
    #[error("label {label:?} does not fit an address on {device}: {reason}")]
    Label {
        /// What was given.
        label: String,
        /// The name of the address's device.
        device: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Text that is no setting this crate knows.
    #[error("unknown setting: {text:?}")]
    Sysctl {
        /// What was given.
        text: String,
    },
    /// A real server whose clients were said to come in by `lo`.
    #[error(
        "no client comes in by lo, where settings have no effect: name the device they come by"
    )]
    NotAClientSide,
}
