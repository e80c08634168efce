//! Reads and writes the files of settings. A file belongs to the namespace of the thread that opens
//! it.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
};

use crate::{Error, Host, HostError, Sysctl};

impl Host {
    /// Reads a setting. The call blocks only while it reads the file.
    ///
    /// Same as `sysctl -n KEY`.
    ///
    /// # Errors
    /// - [`HostError::NoSuchSysctl`]: this kernel, namespace or device does not have the setting.
    pub fn read_sysctl(&self, key: &Sysctl) -> Result<i64, Error> {
        let text = self.netns().run(|| fs::read_to_string(key.path()))?;
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
        let write = || {
            OpenOptions::new()
                .write(true)
                .open(key.path())?
                .write_all(&line(value))
        };
        self.netns()
            .run(write)?
            .map_err(|source| refused(key, source))
    }
}

fn line(value: i64) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}

fn refused(key: &Sysctl, source: io::Error) -> Error {
    let key = key.clone();
    match source.kind() {
        io::ErrorKind::NotFound => Error::Host(HostError::NoSuchSysctl { key }),
        io::ErrorKind::ReadOnlyFilesystem => Error::Host(HostError::ReadOnlySysctl { key, source }),
        _ => Error::refused(format!("setting {key}"), source),
    }
}
