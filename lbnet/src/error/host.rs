//! What a host does not have, has already, or does not allow.

use std::{io, path::PathBuf};

use crate::{Address, DeviceName, GueListener, HostRoute, NewLink, Sysctl};

/// A thing that is not there, is there already, or is in a state in which it is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// There is no network namespace of that name.
    #[error("no such network namespace: {name}")]
    NamespaceNotFound {
        /// What was asked for.
        name: String,
    },
    /// A file that stands for something else.
    #[error("{} is not a network namespace", path.display())]
    NotANamespace {
        /// The file.
        path: PathBuf,
    },
    /// A namespace that cannot be opened or entered.
    #[error("cannot use the network namespace {}", path.display())]
    Namespace {
        /// The namespace's file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// There is no such network device.
    #[error("no such device: {device}")]
    NoSuchDevice {
        /// What was asked for.
        device: DeviceName,
    },
    /// There is such a device already, or another tunnel between the same addresses.
    #[error("the device {link} exists already, or another tunnel between the same addresses")]
    LinkExists {
        /// What was asked for.
        link: NewLink,
    },
    /// The device is there, and switched off.
    #[error("{device} is down: ip link set {device} up")]
    LinkDown {
        /// The device.
        device: DeviceName,
    },
    /// The listener is there already.
    #[error("{listener} exists already")]
    ListenerExists {
        /// The listener.
        listener: GueListener,
    },
    /// The listener is not there.
    #[error("there is no such thing as {listener}")]
    ListenerNotFound {
        /// The listener.
        listener: GueListener,
    },
    /// Another socket has the port of a listener.
    #[error("{listener} cannot be added: somebody else has the port (ss -lun 'sport = {}')", listener.port)]
    PortInUse {
        /// The listener.
        listener: GueListener,
    },
    /// The kernel does not have what is asked of it, and could not load it.
    #[error("{what} needs the kernel module {module}, which is not there: modprobe {module}")]
    MissingModule {
        /// The module.
        module: &'static str,
        /// What needs it.
        what: String,
    },
    /// The device is not Ethernet, or has no neighbours to ask.
    #[error("nobody on {device} can be told who has an address: it has no neighbours")]
    NoNeighbours {
        /// The device.
        device: DeviceName,
    },
    /// The address is on the device already.
    #[error("{address} exists already")]
    AddressExists {
        /// The address.
        address: Address,
    },
    /// The address is not on the device.
    #[error("no such address: {address}")]
    AddressNotFound {
        /// The address.
        address: Address,
    },
    /// There is a route to this host already.
    #[error("{route} or another to the same host exists already")]
    RouteExists {
        /// The route.
        route: HostRoute,
    },
    /// The route is not there, or not of this crate.
    #[error("no such route: {route}")]
    RouteNotFound {
        /// The route.
        route: HostRoute,
    },
    /// The kernel does not have this setting here.
    #[error("no such setting: {key}; this kernel, namespace or device does not have it")]
    NoSuchSysctl {
        /// The setting.
        key: Sysctl,
    },
    /// `/proc/sys` is read-only.
    #[error("cannot set {key}: /proc/sys is mounted read-only; set it from outside the container")]
    ReadOnlySysctl {
        /// The setting.
        key: Sysctl,
        /// The system's answer.
        source: io::Error,
    },
    /// A setting that reads as something else than a number.
    #[error("{key} should be a number and reads {text:?}")]
    SysctlValue {
        /// The setting.
        key: Sysctl,
        /// What it reads.
        text: String,
    },
}
