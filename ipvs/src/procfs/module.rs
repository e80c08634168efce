use std::path::Path;

use crate::{Application, Client, Error, Listing};

const LISTING: &str = "/proc/thread-self/net/ip_vs";
const APPLICATIONS: &str = "/proc/thread-self/net/ip_vs_app";
const CONNECTION_TABLE_BITS: &str = "/sys/module/ip_vs/parameters/conn_tab_bits";

impl Client {
    /// Reads the table without privilege, and without all that [`Listing`] has no fields for. With
    /// privilege, [`virtual_servers`](Self::virtual_servers) tells everything.
    ///
    /// This is not a snapshot, as with [`services`](Self::services).
    ///
    /// # Errors
    /// [`Error::Unavailable`] without `ip_vs`.
    ///
    /// # Kernel
    /// `/proc/net/ip_vs`. Reading all of a large table takes the kernel some
    /// *n*² steps.
    ///
    /// # Examples
    /// ```no_run
    /// use ipvs::{Client, Error};
    ///
    /// let mut ipvs = Client::open()?;
    /// match ipvs.services() {
    ///     Ok(services) => println!("{} services", services.len()),
    ///     Err(Error::PermissionDenied) => {
    ///         println!("{} services, as everybody may know", ipvs.listing()?.services.len());
    ///     }
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn listing(&self) -> Result<Listing, Error> {
        let text = self.files.read_of_module(Path::new(LISTING))?;
        super::listing::parse(&text).map_err(|line| Error::FileText {
            path: LISTING.into(),
            text: line.to_owned(),
        })
    }

    /// Reads which helpers there are for protocols like FTP. Needs no privilege in the client's own
    /// namespace.
    ///
    /// # Errors
    /// [`Error::Unavailable`] without `ip_vs`.
    ///
    /// # Kernel
    /// `/proc/net/ip_vs_app`.
    pub fn applications(&self) -> Result<Vec<Application>, Error> {
        let text = self.files.read_of_module(Path::new(APPLICATIONS))?;
        super::applications::parse(&text).ok_or_else(|| Error::FileText {
            path: APPLICATIONS.into(),
            text,
        })
    }

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
