use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

use super::proc::unreadable;
use crate::{Client, Connection, Error};

/// In the namespace of the thread that opens it.
const PATH: &str = "/proc/thread-self/net/ip_vs_conn";

/// More than any line of the kernel's: names and addresses are short, an engine's note has at most
/// 255 bytes.
const LONGEST_LINE: u64 = 4096;

impl Client {
    /// Reads the connections one by one, templates included. Needs no privilege in the client's
    /// own namespace.
    ///
    /// This is not a snapshot: while it is read, connections may come twice, or not at all. Those
    /// of one-packet services never appear.
    ///
    /// Same as `ipvsadm -L -c`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] without `ip_vs`. An item is an error where a line cannot be read.
    ///
    /// # Kernel
    /// `/proc/net/ip_vs_conn`; netlink has no way to connections. Reading all of *n* takes the
    /// kernel some *n*² steps.
    pub fn connections(&self) -> Result<Connections, Error> {
        let mut lines = BufReader::with_capacity(64 * 1024, self.open_proc(PATH)?);
        // The titles of the columns.
        read_line(&mut lines).map_err(|source| unreadable(PATH, source))?;
        Ok(Connections { lines: Some(lines) })
    }
}

/// The connections of [`Client::connections`], read as they are asked for.
#[derive(Debug)]
pub struct Connections {
    /// `None` after the last line, or an error of the file's: neither ends by asking again.
    lines: Option<BufReader<File>>,
}

impl Iterator for Connections {
    type Item = Result<Connection, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match read_line(self.lines.as_mut()?) {
            Ok(line) if line.is_empty() => {
                self.lines = None;
                None
            }
            Ok(line) => Some(Connection::parse(&line).ok_or_else(|| Error::ProcLine {
                path: PathBuf::from(PATH),
                line: line.trim_end().to_owned(),
            })),
            Err(source) => {
                self.lines = None;
                Some(Err(unreadable(PATH, source)))
            }
        }
    }
}

impl std::iter::FusedIterator for Connections {}

fn read_line(lines: &mut BufReader<File>) -> io::Result<String> {
    let mut line = Vec::new();
    lines
        .by_ref()
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}
