//! UDP ports on which the kernel decapsulates packets (the module `fou`).

mod family;
mod message;
use crate::{
    Error, GueListener, Host, HostError, ListenerStatus, Module, host::netlink::Connection,
};
use message::{Command, Fou};
use rtnetlink::{packet_core::NLM_F_EXCL, sys::protocols::NETLINK_GENERIC};
use std::io;

impl Host {
    /// Returns the ports on which the kernel decapsulates packets. The list is empty if the module
    /// `fou` is not loaded.
    ///
    /// Same as `ip fou show`, and `ip -6 fou show`.
    ///
    /// # Kernel
    /// `FOU_CMD_GET` of the generic netlink family `fou`, since 4.1.
    #[doc(alias = "FOU_CMD_GET")]
    pub async fn listeners(&self) -> Result<Vec<ListenerStatus>, Error> {
        let reading = |source| Error::Kernel {
            action: "reading the GUE listeners".to_owned(),
            source,
        };
        let connection = self.generic()?;
        let Some(family) = family::find(&connection).await.map_err(reading)? else {
            return Ok(Vec::new());
        };
        let request = Fou::request(Command::Get, &[], family);
        let answers = connection.dump(request).await.map_err(reading)?;
        let listeners = answers.iter().filter_map(Fou::listener);
        Ok(listeners.collect())
    }

    /// Makes the kernel decapsulate GUE packets on a UDP port.
    ///
    /// It loads the module `fou` if necessary. Same as `ip fou add port PORT gue`.
    ///
    /// # Errors
    /// - [`HostError::ListenerExists`]: the port already has this listener.
    /// - [`HostError::PortInUse`]: another socket uses the port.
    /// - [`HostError::MissingModule`]: the module `fou` is not installed, or the process lacks
    ///   `CAP_SYS_MODULE` to load it.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `FOU_CMD_ADD` of the generic netlink family `fou`, with type GUE, since 3.18.
    #[doc(alias = "FOU_CMD_ADD")]
    pub async fn add_listener(&self, listener: GueListener) -> Result<(), Error> {
        let action = || format!("adding {listener}");
        let connection = self.generic()?;
        let family = family_or_load(&connection, action()).await?;
        let request = Fou::request(Command::Add, &message::listener(listener), family);
        match connection.change(request, NLM_F_EXCL).await {
            Err(source) if is_taken(&source) => {
                let all = self.listeners().await?;
                Err(if all.into_iter().any(|status| listener.is(status)) {
                    Error::Host(HostError::ListenerExists { listener })
                } else {
                    Error::Host(HostError::PortInUse { listener })
                })
            }
            other => other.map_err(|source| Error::refused(action(), source)),
        }
    }

    /// Makes the kernel stop decapsulating GUE packets on a UDP port.
    ///
    /// Same as `ip fou del port PORT`.
    ///
    /// # Errors
    /// - [`HostError::ListenerNotFound`]: the port does not have this listener.
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    ///
    /// # Kernel
    /// `FOU_CMD_DEL` of the generic netlink family `fou`.
    #[doc(alias = "FOU_CMD_DEL")]
    pub async fn delete_listener(&self, listener: GueListener) -> Result<(), Error> {
        let refused = |source| Error::refused(format!("deleting {listener}"), source);
        let connection = self.generic()?;
        let Some(family) = family::find(&connection).await.map_err(refused)? else {
            return Err(Error::Host(HostError::ListenerNotFound { listener }));
        };
        let request = Fou::request(Command::Delete, &message::listener(listener), family);
        match connection.change(request, 0).await {
            Err(source) if source.kind() == io::ErrorKind::InvalidInput => {
                Err(Error::Host(HostError::ListenerNotFound { listener }))
            }
            other => other.map_err(refused),
        }
    }

    fn generic(&self) -> Result<Connection<message::Message>, Error> {
        Connection::open(self.netns(), NETLINK_GENERIC)
    }
}

async fn family_or_load(
    connection: &Connection<message::Message>,
    action: String,
) -> Result<u16, Error> {
    let failed = |source| Error::Kernel {
        action: action.clone(),
        source,
    };
    if let Some(family) = family::find(connection).await.map_err(failed)? {
        return Ok(family);
    }
    Module::Fou.load_for(action.clone())?;
    let loaded = family::find(connection).await.map_err(failed)?;
    loaded.ok_or(Error::Host(HostError::MissingModule {
        module: Module::Fou.name(),
        what: action,
    }))
}

/// Returns whether the port has a listener (`EALREADY`) or another socket (`EADDRINUSE`).
fn is_taken(source: &io::Error) -> bool {
    source.kind() == io::ErrorKind::AddrInUse || source.raw_os_error() == Some(nix::libc::EALREADY)
}
