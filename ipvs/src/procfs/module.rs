//! What the module `ip_vs` was loaded with.

use std::path::Path;

use crate::{Client, Error};

const CONNECTION_TABLE_BITS: &str = "/sys/module/ip_vs/parameters/conn_tab_bits";

impl Client {
    /// Reads how large the connection table was made: it has two to the power of this many buckets.
    /// From Linux 7.1 on it grows by itself, and this is its limit. Needs no privilege.
    ///
    /// It can be set only when the module is loaded, from 8 to 27 (up to Linux 6.4: to 20), 12 by
    /// default: `options ip_vs conn_tab_bits=20` in `/etc/modprobe.d`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] without `ip_vs`.
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
