//! What can go wrong.

use std::{io, net::IpAddr, path::PathBuf};

use crate::{Address, DeviceName, GueListener, HostRoute, NewLink, OuterFamily, Sysctl};

/// Why something could not be done. Each names the thing, and the remedy where there is one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Text that is no address with a prefix length.
    #[error("{text:?} is no address with a prefix length: {reason}")]
    InvalidPrefix {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A name that no device can have.
    #[error(
        "{name:?} cannot be the name of a network device: 1 to 15 bytes, no blanks, `/` or `:`"
    )]
    InvalidDevice {
        /// What was given.
        name: String,
    },
    /// An address that cannot be a VIP.
    #[error("{vip} cannot be a VIP: {reason}")]
    InvalidVip {
        /// What was given.
        vip: IpAddr,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A label that the kernel would refuse or other tools would not show.
    #[error("label {label:?} does not fit an address on {device}: {reason}")]
    InvalidLabel {
        /// What was given.
        label: String,
        /// The device of the address.
        device: DeviceName,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Text that is no setting this crate knows.
    #[error("unknown setting: {text:?}")]
    UnknownSysctl {
        /// What was given.
        text: String,
    },

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

    /// A missing privilege.
    #[error("{action} needs {needs}")]
    PermissionDenied {
        /// What was refused.
        action: String,
        /// What the process would have to have.
        needs: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// Any other refusal of the kernel.
    #[error("{action} failed")]
    Kernel {
        /// What was refused.
        action: String,
        /// The kernel's answer.
        source: io::Error,
    },
    /// Not called from a tokio runtime.
    #[error("a host is opened inside a tokio runtime, and there is none here")]
    NoRuntime,

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
    /// The device is there, and switched off.
    #[error("{device} is down: ip link set {device} up")]
    LinkDown {
        /// The device.
        device: DeviceName,
    },
    /// A real server whose clients were said to come in by `lo`.
    #[error(
        "no client comes in by lo, where settings have no effect: name the device they come by"
    )]
    NotAClientSide,
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
    /// The VIP is on this host already, but not where it was asked for.
    #[error("{wanted} is asked for, but there is {found} already: delete one of them first")]
    AddressElsewhere {
        /// What was asked for.
        wanted: Box<Address>,
        /// What is there.
        found: Box<Address>,
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
    /// A route to the VIP leads elsewhere.
    #[error("{wanted} is asked for, but there is {found} already: delete it first")]
    RouteElsewhere {
        /// What was asked for.
        wanted: HostRoute,
        /// What is there.
        found: HostRoute,
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

    /// The record of what was changed cannot be understood.
    #[error(
        "the journal {} is damaged: compare it with the host, undo what is left by hand, then delete it",
        path.display()
    )]
    JournalDamaged {
        /// The journal's file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The record was written by another version of this crate.
    #[error(
        "the journal {} has version {found}, this program knows {known}: undo with the one that wrote it",
        path.display()
    )]
    JournalVersion {
        /// The journal's file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version of this crate.
        known: u32,
    },
    /// Somebody else is changing the same namespace, and did not finish.
    #[error("another set-up of this namespace is running: {} is locked", path.display())]
    JournalBusy {
        /// The lock.
        path: PathBuf,
    },
    /// The journal's directory is not safe to write to.
    #[error("not keeping a journal in {}: {problem}", path.display())]
    JournalUnsafe {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The journal cannot be read or written.
    #[error("cannot keep the journal {}", path.display())]
    JournalFile {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A set-up failed, and so did taking back what it had done until then.
    #[error(
        "undoing a failed set-up failed too ({rollback}), what is left of it is in the journal"
    )]
    RollbackFailed {
        /// Why the set-up failed.
        #[source]
        cause: Box<Error>,
        /// Why it could not be taken back.
        rollback: Box<Error>,
    },
}

impl Error {
    /// A refusal of a change to the network.
    pub(crate) fn refused(action: String, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::PermissionDenied => Self::PermissionDenied {
                action,
                needs: "CAP_NET_ADMIN",
                source,
            },
            _ => Self::Kernel { action, source },
        }
    }

    /// Whether a thing that was asked for is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(
            self,
            Self::NamespaceNotFound { .. }
                | Self::NoSuchDevice { .. }
                | Self::AddressNotFound { .. }
                | Self::RouteNotFound { .. }
                | Self::NoSuchSysctl { .. }
        )
    }
}

fn list(addresses: &[IpAddr]) -> String {
    let addresses: Vec<_> = addresses.iter().map(IpAddr::to_string).collect();
    addresses.join(", ")
}
