use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::netlink::files::failed;
use crate::{Client, Connection, Error};

const CONNECTIONS: &str = "/proc/thread-self/net/ip_vs_conn";
const WITH_ORIGIN: &str = "/proc/thread-self/net/ip_vs_conn_sync";

/// More than any line of the kernel's: names and addresses are short, an engine's note has at most
/// 255 bytes.
const LONGEST_LINE: u64 = 4096;

impl Client {
    /// Reads the connections one by one, templates included. Needs no privilege in the client's
    /// own namespace.
    ///
    /// This is not a snapshot: while it is read, connections may come twice, or not at all. Those
    /// of one-packet services never appear. [`ConnectionFilter`](crate::ConnectionFilter) picks
    /// some.
    ///
    /// Same as `ipvsadm -L -c`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] without `ip_vs`. An item is an error where a line cannot be read.
    ///
    /// # Kernel
    /// `/proc/net/ip_vs_conn`; netlink has no way to connections. Reading all of *n* takes the
    /// kernel some *n*² steps.
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

    /// Reads the same with who saw each first: this director, or another one whose sync daemon told
    /// it. What engines noted is not told here.
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

/// The connections of [`Client::connections`], read as they are asked for.
pub struct Connections {
    path: &'static Path,
    /// `None` after the last line, or an error of the file's: neither ends by asking again.
    lines: Option<BufReader<Box<dyn Read + Send>>>,
}

impl Connections {
    fn open(client: &Client, path: &'static Path) -> Result<Self, Error> {
        let file = client.files.open(path).map_err(Error::or_unavailable)?;
        let mut lines = BufReader::with_capacity(64 * 1024, file);
        // The titles of the columns.
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
