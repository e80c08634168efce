//! Reads and writes the files of settings. A file belongs to the namespace of the thread that opens
//! it.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
};

use nix::sys::statvfs::{FsFlags, statvfs};

use crate::{Error, Host, HostError, Sysctl, error::UserNamespace};

impl Host {
    /// Reads a setting. The call blocks only while it reads the file.
    ///
    /// Same as `sysctl -n KEY`.
    ///
    /// # Errors
    /// - [`HostError::NoSuchSysctl`]: this kernel, namespace or device does not have the setting.
    pub fn read_sysctl(&self, key: &Sysctl) -> Result<i64, Error> {
        let path = key.path();
        let text = self.on_file(key, || fs::read_to_string(&path))?;
        let text = text.map_err(|source| refused(key, source))?;
        let value = text.trim_ascii();
        value.parse().map_err(|_| {
            Error::Host(HostError::SysctlValue {
                key: key.clone(),
                text: value.to_owned(),
            })
        })
    }

    /// Writes a setting. The value lasts as long as the namespace.
    ///
    /// Same as `sysctl -w KEY=VALUE`. Writing `forwarding` for [`ConfTarget::All`] also sets it for
    /// all devices. Writing any other setting for `all` changes no device's own value. Once a
    /// device's own value has been written, it no longer follows `default`.
    ///
    /// # Errors
    /// - [`HostError::NoSuchSysctl`]: this kernel, namespace or device does not have the setting.
    /// - [`HostError::ReadOnlySysctl`]: `/proc/sys` is mounted read-only, as in most containers.
    /// - [`Error::PermissionDenied`]: the process neither has `CAP_NET_ADMIN` nor runs as root.
    ///
    /// [`ConfTarget::All`]: crate::ConfTarget::All
    pub fn write_sysctl(&self, key: &Sysctl, value: i64) -> Result<(), Error> {
        let path = key.path();
        let written = self.on_file(key, || {
            let mut file = OpenOptions::new().write(true).open(&path)?;
            file.write_all(&line(value))
        })?;
        written.map_err(|source| match source.kind() {
            io::ErrorKind::ReadOnlyFilesystem => Error::Host(HostError::ReadOnlySysctl {
                settings: vec![(key.clone(), value)],
            }),
            _ => refused(key, source),
        })
    }

    /// Returns whether the file system of a setting is read-only. A setting that is not there yet will be
    /// like others.
    pub(crate) fn is_read_only(&self, key: &Sysctl) -> Result<bool, Error> {
        let path = key.path();
        self.netns().run(|| {
            let of_file = statvfs(&path).or_else(|_| statvfs("/proc/sys/net"));
            of_file.is_ok_and(|it| it.flags().contains(FsFlags::ST_RDONLY))
        })
    }

    /// Works on the file of a setting in the namespace. A device that is deleted meanwhile takes its
    /// settings with it, and the kernel then fails in several ways.
    fn on_file<T: Send>(
        &self,
        key: &Sysctl,
        work: impl FnOnce() -> io::Result<T> + Send,
    ) -> Result<io::Result<T>, Error> {
        self.netns().run(|| match work() {
            Err(_) if matches!(key.path().try_exists(), Ok(false)) => {
                Err(io::ErrorKind::NotFound.into())
            }
            done => done,
        })
    }
}

fn line(value: i64) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}

fn refused(key: &Sysctl, source: io::Error) -> Error {
    let key = key.clone();
    let is_hidden =
        || matches!(key, Sysctl::Vs(_)) && UserNamespace::of_this_process() == UserNamespace::Other;
    match source.kind() {
        // `ip_vs_control_net_init_sysctl`
        io::ErrorKind::NotFound if is_hidden() => Error::Host(HostError::SysctlOutOfReach { key }),
        io::ErrorKind::NotFound => Error::Host(HostError::NoSuchSysctl { key }),
        _ => Error::refused(format!("setting {key}"), source),
    }
}
