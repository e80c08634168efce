//! Parses `/proc/net/ip_vs_app`.

use std::num::NonZeroU16;
use std::path::Path;

use crate::procfs::text::{protocol, word};
use crate::{Client, Error, Protocol};

const APPLICATIONS: &str = "/proc/thread-self/net/ip_vs_app";

/// A protocol helper of the kernel: it rewrites addresses inside the payload for masqueraded
/// destinations. The only one is `ftp` (module `ip_vs_ftp`), which the kernel never loads by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Application {
    /// The protocol.
    pub protocol: Protocol,
    /// The port of the services that it handles. A helper has one entry per port.
    pub port: NonZeroU16,
    /// The name.
    pub name: String,
    /// Number of connections that it handles.
    pub connections: u32,
}

impl Client {
    /// Reads the protocol helpers, such as the one for FTP. Needs no privilege in the client's own
    /// namespace.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: `ip_vs` is not loaded.
    ///
    /// # Kernel
    /// `/proc/net/ip_vs_app`.
    pub fn applications(&self) -> Result<Vec<Application>, Error> {
        let text = self.files.read_of_module(Path::new(APPLICATIONS))?;
        parse(&text).ok_or_else(|| Error::FileText {
            path: APPLICATIONS.into(),
            text,
        })
    }
}

/// Parses all lines after the titles. Returns `None` if a line does not have the kernel's format.
fn parse(text: &str) -> Option<Vec<Application>> {
    text.lines().skip(1).map(parse_line).collect()
}

/// Unlike in the other files, the port is decimal.
fn parse_line(line: &str) -> Option<Application> {
    let mut rest = line;
    let mut next = || word(&mut rest);
    let (protocol_name, port, connections, name) = (next()?, next()?, next()?, next()?);
    Some(Application {
        protocol: protocol(protocol_name)?,
        port: port.parse().ok()?,
        name: name.to_owned(),
        connections: connections.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLES: &str = "prot port    usecnt name\n";

    #[test]
    fn a_helper_has_a_line_for_each_of_its_ports() {
        let text = format!(
            "{TITLES}TCP  2121    0      ftp              \nTCP  21      7      ftp              \n"
        );
        let applications = parse(&text).unwrap();
        let found: Vec<_> = applications
            .iter()
            .map(|it| (it.protocol, it.port.get(), it.name.as_str(), it.connections))
            .collect();
        let ftp = |port, connections| (Protocol::Tcp, port, "ftp", connections);
        assert_eq!(found, [ftp(2121, 0), ftp(21, 7)]);
    }

    #[test]
    fn no_helper_is_no_line_and_half_a_line_is_nothing() {
        assert_eq!(parse(TITLES), Some(vec![]));
        for line in ["TCP 21 0", "TCP 0 0 ftp", "TCP x 0 ftp", "Q 21 0 ftp", ""] {
            assert_eq!(parse(&format!("{TITLES}{line}\n")), None, "{line}");
        }
    }
}
