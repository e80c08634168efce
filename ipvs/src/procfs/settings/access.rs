use std::io;
use std::path::{Path, PathBuf};

use ipvs_sys::Errno;

use crate::settings::{Setting, Value};
use crate::{Client, Error};

/// The directory shows the settings of the reader's network namespace.
const FOLDER: &str = "/proc/sys/net/ipv4/vs";

impl Client {
    /// Reads an IPVS setting of the kernel, `net.ipv4.vs.*`. The module
    /// [`settings`](crate::settings) lists them.
    ///
    /// # Errors
    /// - [`Error::SettingNotFound`]: this kernel has no such setting.
    /// - [`Error::Unavailable`]: `ip_vs` is not loaded.
    ///
    /// # Kernel
    /// `/proc/sys/net/ipv4/vs`.
    pub fn setting<T: Value>(&self, setting: &Setting<T>) -> Result<T, Error> {
        let path = path(setting.name());
        let text = self.files.read(&path);
        let text = text.map_err(|error| self.explain_setting(setting.name(), error))?;
        T::read(text.trim_end()).ok_or(Error::FileText { path, text })
    }

    /// Changes an IPVS setting of the kernel. Like all IPVS state, it is lost at reboot.
    ///
    /// # Errors
    /// - [`Invalid::Setting`](crate::Invalid::Setting): the value is out of range. Nothing was written.
    /// - [`Error::SettingRefused`]: the kernel refused the value and keeps the old one.
    /// - [`Error::SettingNotWritable`]: writing needs `CAP_NET_ADMIN` and a writable `/proc/sys`.
    /// - [`Error::SettingNotFound`]: this kernel has no such setting.
    /// - [`Error::Unavailable`]: `ip_vs` is not loaded.
    ///
    /// # Kernel
    /// `/proc/sys/net/ipv4/vs`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "most values are numbers: a reference would stand in every call"
    )]
    pub fn set_setting<T: Value>(&self, setting: &Setting<T>, value: T) -> Result<(), Error> {
        let text = setting.text(&value)?;
        let path = path(setting.name());
        self.files.write(&path, &text).map_err(|error| {
            let name = setting.name();
            match error_kind(&error) {
                Some(io::ErrorKind::InvalidInput) => Error::SettingRefused {
                    name: name.to_owned(),
                    value: text,
                },
                Some(io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
                    Error::SettingNotWritable(name.to_owned())
                }
                _ => self.explain_setting(name, error),
            }
        })
    }

    /// Sets one of the kernel's settings of IPVS, and returns its value of before, so that it can be
    /// given back. Nothing is written where it has that value already.
    ///
    /// # Errors
    /// As [`setting`](Self::setting) and [`set_setting`](Self::set_setting).
    ///
    /// # Examples
    /// ```no_run
    /// use ipvs::{Client, settings};
    ///
    /// let ipvs = Client::open()?;
    /// let before = ipvs.replace_setting(&settings::EXPIRE_NODEST_CONN, true)?;
    /// ipvs.set_setting(&settings::EXPIRE_NODEST_CONN, before)?;
    /// # Ok::<(), ipvs::Error>(())
    /// ```
    pub fn replace_setting<T: Value + PartialEq>(
        &self,
        setting: &Setting<T>,
        value: T,
    ) -> Result<T, Error> {
        let before = self.setting(setting)?;
        if before != value {
            self.set_setting(setting, value)?;
        }
        Ok(before)
    }

    /// Reads all IPVS settings of this kernel, including unknown ones, as text and by name. A setting
    /// that disappears while they are read is left out.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: `ip_vs` is not loaded.
    ///
    /// # Kernel
    /// `/proc/sys/net/ipv4/vs`.
    pub fn settings(&self) -> Result<Vec<(String, String)>, Error> {
        let names = self.files.names(Path::new(FOLDER));
        let mut settings = Vec::new();
        for name in names.map_err(Error::or_unavailable)? {
            match self.files.read(&path(&name)) {
                Ok(text) => settings.push((name, text.trim_end().to_owned())),
                // The setting disappeared with its scheduler module.
                Err(error) if error.is_missing_file() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(settings)
    }

    /// Tells a missing setting from a missing `ip_vs` module.
    fn explain_setting(&self, name: &str, error: Error) -> Error {
        if !error.is_missing_file() {
            return error;
        }
        match self.files.names(Path::new(FOLDER)) {
            Ok(_) => Error::SettingNotFound(name.to_owned()),
            Err(error) => error.or_unavailable(),
        }
    }
}

fn path(name: &str) -> PathBuf {
    Path::new(FOLDER).join(name)
}

/// The kind of an I/O failure. The kernel refuses a write with `EPERM` if the capability is missing
/// and with `EACCES` if the file's permissions forbid it.
fn error_kind(error: &Error) -> Option<io::ErrorKind> {
    match error {
        Error::File { source, .. } => match source.raw_os_error().map(Errno::from_raw) {
            Some(Errno::EINVAL) => Some(io::ErrorKind::InvalidInput),
            _ => Some(source.kind()),
        },
        _ => None,
    }
}
