use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::netlink::files::failed;
use crate::{Client, Connection, Error};

const CONNECTIONS: &str = "/proc/thread-self/net/ip_vs_conn";
const WITH_ORIGIN: &str = "/proc/thread-self/net/ip_vs_conn_sync";

/// Maximum length of a line, in bytes. Lines of the kernel are shorter: names and addresses are short,
/// and the data of an engine has at most 255 bytes.
const LONGEST_LINE: u64 = 4096;

impl Client {
    /// Reads the connections and persistence templates one by one. Needs no privilege in the client's
    /// own namespace.
    ///
    /// The result is not a snapshot: a connection may appear twice or not at all if the table changes
    /// while it is read. Connections of one-packet services never appear. Use
    /// [`ConnectionFilter`](crate::ConnectionFilter) to select some.
    ///
    /// Same as `ipvsadm -L -c`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if `ip_vs` is not loaded. An item is an error if its line cannot be read.
    ///
    /// # Kernel
    /// `/proc/net/ip_vs_conn`; netlink does not offer connections. To read *n* connections, the kernel
    /// takes about *n*² steps.
    ///
    /// # Examples
    /// ```no_run
    /// use ipvs::{Client, ConnectionFilter};
    ///
    /// let gone = ConnectionFilter::new().destination("198.51.100.7".parse()?);
    /// for connection in Client::open()?.connections()? {
    ///     let connection = connection?;
    ///     if gone.matches(&connection) {
    ///         println!("{} still holds {}", connection.client, connection.service);
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn connections(&self) -> Result<Connections, Error> {
        Connections::open(self, Path::new(CONNECTIONS))
    }

    /// Reads the connections with their origin: whether this director saw them first, or received them
    /// from another director's sync daemon. The data of persistence engines is not available here.
    ///
    /// # Errors
    /// As [`connections`](Self::connections).
    ///
    /// # Kernel
    /// `/proc/net/ip_vs_conn_sync`.
    pub fn connections_with_origin(&self) -> Result<Connections, Error> {
        Connections::open(self, Path::new(WITH_ORIGIN))
    }
}

/// An iterator over connections that reads them on demand; see [`Client::connections`].
pub struct Connections {
    path: &'static Path,
    /// `None` after the last line or a read error: neither would change on another read.
    lines: Option<BufReader<Box<dyn Read + Send>>>,
}

impl Connections {
    fn open(client: &Client, path: &'static Path) -> Result<Self, Error> {
        let file = client.files.open(path).map_err(Error::or_unavailable)?;
        let mut lines = BufReader::with_capacity(64 * 1024, file);
        // The column titles.
        read_line(&mut lines).map_err(failed(path))?;
        let lines = Some(lines);
        Ok(Self { path, lines })
    }
}

impl Iterator for Connections {
    type Item = Result<Connection, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match read_line(self.lines.as_mut()?) {
            Ok(line) if line.is_empty() => {
                self.lines = None;
                None
            }
            Ok(line) => Some(Connection::parse(&line).ok_or_else(|| Error::FileText {
                path: self.path.into(),
                text: line.trim_end().to_owned(),
            })),
            Err(source) => {
                self.lines = None;
                Some(Err(failed(self.path)(source)))
            }
        }
    }
}

impl std::iter::FusedIterator for Connections {}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

fn read_line(lines: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    lines.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}
