//! Objects that a host lacks, has already, or does not allow.

use std::{io, path::PathBuf};

use crate::{
    Address, ConfTarget, DeviceName, DuplicateState, GueListener, HostRoute, NewLink, NoCarrier,
    Route, Sysctl,
};

/// An object does not exist, exists already, or is in an unsuitable state.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// There is no network namespace of that name.
    #[error("no such network namespace: {name}")]
    NamespaceNotFound {
        /// The name.
        name: String,
    },
    /// The file is not a network namespace.
    #[error("{} is not a network namespace", path.display())]
    NotANamespace {
        /// The file.
        path: PathBuf,
    },
    /// The namespace cannot be opened or entered.
    #[error("cannot use the network namespace {}", path.display())]
    Namespace {
        /// The file of the namespace.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// There is no such network device.
    #[error("no such device: {device}{}", did_you_mean(alike))]
    NoSuchDevice {
        /// The requested device.
        device: DeviceName,
        /// Devices of this host whose name is like the requested one.
        alike: Vec<DeviceName>,
    },
    /// A device with this name exists already, or another tunnel between the same addresses does.
    #[error("the device {link} exists already, or another tunnel between the same addresses")]
    LinkExists {
        /// The requested device.
        link: Box<NewLink>,
    },
    /// The device exists but is down.
    #[error("{device} is down: ip link set {device} up")]
    LinkDown {
        /// The device.
        device: DeviceName,
    },
    /// The device is on, but has no carrier.
    #[error("{device} is not connected: {cause}")]
    NoCarrier {
        /// The device.
        device: DeviceName,
        /// Which device must change.
        cause: NoCarrier,
    },
    /// The listener exists already.
    #[error("{listener} exists already")]
    ListenerExists {
        /// The listener.
        listener: GueListener,
    },
    /// The listener does not exist.
    #[error("{listener} does not exist")]
    ListenerNotFound {
        /// The listener.
        listener: GueListener,
    },
    /// Another socket uses the port of a listener.
    #[error("cannot add {listener}: another socket uses the port (ss -lun 'sport = {}')", listener.port)]
    PortInUse {
        /// The listener.
        listener: GueListener,
    },
    /// The kernel lacks a feature and could not load the module for it.
    #[error("{what} needs the kernel module {module}, which is not loaded: modprobe {module}")]
    MissingModule {
        /// The module.
        module: &'static str,
        /// The action that needs the module.
        what: String,
    },
    /// The kernel lacks a feature, and this process cannot have the module for it loaded, because it is not
    /// in the initial user namespace.
    #[error(
        "{what} needs the kernel module {module}, which is not loaded, and cannot be from this user namespace: modprobe {module} in the initial user namespace"
    )]
    ModuleOutOfReach {
        /// The module.
        module: &'static str,
        /// The action that needs the module.
        what: String,
    },
    /// IPv6 is switched off on a device.
    #[error("cannot add {address}: IPv6 is off on this device; set {key} to 0")]
    Ipv6Disabled {
        /// The address.
        address: Address,
        /// The setting that switches it off.
        key: Sysctl,
    },
    /// IPv6 is switched off in the kernel.
    #[error("cannot add {address}: this kernel has no IPv6, or was booted with ipv6.disable=1")]
    NoIpv6 {
        /// The address.
        address: Address,
    },
    /// The device is not Ethernet, or has no neighbours.
    #[error("cannot announce an address on {device}: the device has no neighbours")]
    NoNeighbours {
        /// The device.
        device: DeviceName,
    },
    /// The address exists on the device already.
    #[error("{address} exists already")]
    AddressExists {
        /// The address.
        address: Address,
    },
    /// The device has the address, but the host does not use it.
    #[error(
        "{address} exists already, but does not work: {}; delete it: ip address delete {} dev {}",
        match state {
            DuplicateState::Found => "another host has it (dadfailed)",
            _ => "the kernel is still looking whether another host has it (tentative)",
        },
        address.prefix,
        address.device
    )]
    AddressNotUsed {
        /// The address.
        address: Address,
        /// What duplicate address detection has found.
        state: DuplicateState,
    },
    /// The device does not have the address.
    #[error("no such address: {address}")]
    AddressNotFound {
        /// The address.
        address: Address,
    },
    /// A route to this host exists already.
    #[error("{route}, or another one to the same host, exists already")]
    RouteExists {
        /// The route.
        route: HostRoute,
    },
    /// The route does not exist, or another program added it.
    #[error("no such route: {route}")]
    RouteNotFound {
        /// The route.
        route: HostRoute,
    },
    /// The main table has no such route.
    #[error("no such route: {route}")]
    NoSuchRoute {
        /// The route.
        route: Route,
    },
    /// This kernel, namespace or device does not have the setting.
    #[error("no such setting: {key}; this kernel, namespace or device does not have it")]
    NoSuchSysctl {
        /// The setting.
        key: Sysctl,
    },
    /// The kernel shows the setting only to network namespaces of the initial user namespace.
    #[error(
        "{key} cannot be changed here: the kernel has it only in network namespaces of the initial user namespace"
    )]
    SysctlOutOfReach {
        /// The setting.
        key: Sysctl,
    },
    /// `/proc/sys` is read-only, as in most containers.
    #[error(
        "cannot set {}: /proc/sys is mounted read-only; start the container with {}, or set {} from outside the container",
        list(settings),
        options(settings),
        if settings.len() == 1 { "it" } else { "them" }
    )]
    ReadOnlySysctl {
        /// All settings that are needed, and the value that each of them needs.
        settings: Vec<(Sysctl, i64)>,
    },
    /// The value of the setting is not a number.
    #[error("{key} should be a number, but is {text:?}")]
    SysctlValue {
        /// The setting.
        key: Sysctl,
        /// The value.
        text: String,
    },
}

fn did_you_mean(alike: &[DeviceName]) -> String {
    match alike {
        [] => String::new(),
        names => {
            let names: Vec<_> = names.iter().map(DeviceName::as_str).collect();
            format!("; did you mean {}?", names.join(" or "))
        }
    }
}

fn list(settings: &[(Sysctl, i64)]) -> String {
    let settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    settings.join(", ")
}

/// Returns options of `docker run` and `podman run`. A container has no devices when its settings are
/// made: devices get the values of `default` when they are added.
fn options(settings: &[(Sysctl, i64)]) -> String {
    let mut options = Vec::new();
    for (key, value) in settings {
        let key = match key {
            Sysctl::Ipv4Conf {
                target: ConfTarget::Device(_),
                key,
            } => Sysctl::ipv4_conf(ConfTarget::Default, *key),
            Sysctl::Ipv6Conf {
                target: ConfTarget::Device(_),
                key,
            } => Sysctl::ipv6_conf(ConfTarget::Default, *key),
            other => other.clone(),
        };
        let option = format!("--sysctl {key}={value}");
        if !options.contains(&option) {
            options.push(option);
        }
    }
    options.join(" ")
}
