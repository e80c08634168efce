//! The parameters with which the module `ip_vs` was loaded.

use std::path::Path;

use crate::{Client, Error};

const CONNECTION_TABLE_BITS: &str = "/sys/module/ip_vs/parameters/conn_tab_bits";

impl Client {
    /// Reads the configured size of the connection table, as the binary logarithm of its number of
    /// buckets. From Linux 7.1 on, the table grows as needed and this is its limit. Needs no privilege.
    ///
    /// The size can only be set when the module is loaded: 8 to 27 (to 20 up to Linux 6.4), 12 by default.
    /// Put `options ip_vs conn_tab_bits=20` into a file in `/etc/modprobe.d`.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: `ip_vs` is not loaded.
    ///
    /// # Kernel
    /// `/sys/module/ip_vs/parameters/conn_tab_bits`.
    #[doc(alias = "conn_tab_bits")]
    pub fn connection_table_bits(&self) -> Result<u8, Error> {
        let path = Path::new(CONNECTION_TABLE_BITS);
        let text = self.files.read_of_module(path)?;
        text.trim_end().parse().map_err(|_| Error::FileText {
            path: path.into(),
            text,
        })
    }
}
