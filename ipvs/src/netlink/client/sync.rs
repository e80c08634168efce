use std::time::Duration;

use ipvs_sys::constants::IPVS_CMD_ATTR_DAEMON;
use ipvs_sys::{CmdAttr, Command};

use crate::netlink::convert::{self, sync};
use crate::netlink::errno::Request;
use crate::{Client, Error, SyncDaemon, SyncRole, model::validate};

/// How long to wait for the answer to a stop request before asking which daemons run.
const SILENCE: Duration = Duration::from_secs(1);

impl Client {
    /// Starts a sync daemon.
    ///
    /// The parameters of a running daemon cannot be changed: stop it first.
    ///
    /// Same as `ipvsadm --start-daemon`.
    ///
    /// # Errors
    /// - [`Error::SyncDaemonRunning`]: a daemon in this role is running.
    /// - [`Error::InterfaceNotFound`]: the device does not exist.
    /// - [`Error::SyncGroupUnreachable`]: the device is down, and there is no other route to the group.
    /// - [`Error::SyncDaemonRefused`]: the table has a destination of another address family than its
    ///   service, which sync daemons do not support.
    ///
    /// # Kernel
    /// `IPVS_CMD_NEW_DAEMON`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_NEW_DAEMON")]
    pub fn start_sync_daemon(&mut self, daemon: &SyncDaemon) -> Result<(), Error> {
        validate::sync_daemon(daemon)?;
        self.send_sync_daemon(daemon)
    }

    /// Skips validation, so that whatever the kernel had can be restored.
    pub(crate) fn send_sync_daemon(&mut self, daemon: &SyncDaemon) -> Result<(), Error> {
        let attributes = vec![CmdAttr::Daemon(sync::to_attributes(daemon))];
        self.execute(Request::StartSync(daemon), Command::NewDaemon, attributes)
    }

    /// Stops a sync daemon.
    ///
    /// Same as `ipvsadm --stop-daemon`.
    ///
    /// # Errors
    /// [`Error::SyncDaemonNotRunning`]: no daemon in this role is running.
    ///
    /// # Kernel
    /// `IPVS_CMD_DEL_DAEMON`, since 2.6.28. The kernel does not answer if the daemon was started so recently
    /// that its thread never ran. After a second without an answer, the client reads which daemons run.
    #[doc(alias = "IPVS_CMD_DEL_DAEMON")]
    pub fn stop_sync_daemon(&mut self, role: SyncRole) -> Result<(), Error> {
        let attributes = vec![CmdAttr::Daemon(sync::identity(role))];
        let patience = self.kernel.patience();
        self.kernel.set_patience(patience.min(SILENCE));
        let outcome = self.execute(Request::StopSync(role), Command::DelDaemon, attributes);
        self.kernel.set_patience(patience);
        match outcome {
            Err(Error::Kernel(ipvs_sys::Error::TimedOut(_)))
                if self
                    .sync_daemons()?
                    .iter()
                    .all(|daemon| daemon.role != role) =>
            {
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Reads the running sync daemons, the master first.
    ///
    /// Same as `ipvsadm -L --daemon`.
    ///
    /// # Kernel
    /// `IPVS_CMD_GET_DAEMON`, since 2.6.28.
    #[doc(alias = "IPVS_CMD_GET_DAEMON")]
    pub fn sync_daemons(&mut self) -> Result<Vec<SyncDaemon>, Error> {
        let mut daemons = Vec::new();
        self.dump(Command::GetDaemon, vec![], |answer| {
            let daemon = convert::nest(answer, IPVS_CMD_ATTR_DAEMON, "IPVS_CMD_ATTR_DAEMON")?;
            daemons.push(sync::from_bytes(daemon)?);
            Ok(())
        })?;
        Ok(daemons)
    }
}
