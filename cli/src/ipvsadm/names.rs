//! Names of hosts and ports, which `ipvsadm -S` without `-n` writes.

use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use ipvs::{Endpoint, Family, Protocol};

/// Where names of hosts are looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Hosts {
    /// In `/etc/hosts` only, so that the result does not depend on the network.
    #[default]
    File,
    /// Wherever the C library looks, DNS included.
    Resolver,
}

const HOSTS: &str = "/etc/hosts";
const SERVICES: &str = "/etc/services";

/// Reads addresses and ports, with names in place of numbers. The files are read when the first name
/// comes.
#[derive(Default)]
pub(super) struct Names {
    hosts: Hosts,
    addresses: Option<HashMap<String, Vec<IpAddr>>>,
    ports: Option<HashMap<(String, String), u16>>,
}

/// An address, with a port if one was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) address: IpAddr,
    pub(super) port: Option<u16>,
}

impl Names {
    pub(super) fn new(hosts: Hosts) -> Self {
        Self {
            hosts,
            ..Self::default()
        }
    }

    /// Reads `192.0.2.1:80`, `[2001:db8::1]:http`, `localhost:domain` or `localhost`.
    ///
    /// As in ipvsadm, a name stands for an IPv4 address. In brackets it stands for an IPv6 address: this is
    /// how `ipvsadm -S` writes it.
    pub(super) fn read(&mut self, text: &str, protocol: Protocol) -> Result<Written, String> {
        if let Ok(endpoint) = text.parse::<Endpoint>() {
            let port = match endpoint.port {
                Some(port) => Some(port.get()),
                None => text.parse::<SocketAddr>().ok().map(|typed| typed.port()),
            };
            let address = endpoint.address;
            return Ok(Written { address, port });
        }
        let (host, port) = split(text).ok_or_else(|| {
            format!("{text:?} is not an address and port: write 192.0.2.10:80 or [2001:db8::10]:80")
        })?;
        let port = port.map(|port| self.port(port, protocol)).transpose()?;
        let address = match host {
            Host::Bare(host) => self.address(host, Family::Ipv4)?,
            Host::Bracketed(host) => self.address(host, Family::Ipv6)?,
        };
        Ok(Written { address, port })
    }

    fn port(&mut self, text: &str, protocol: Protocol) -> Result<u16, String> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text
                .parse()
                .map_err(|_| format!("{text} is not a port: 0 to 65535"));
        }
        let protocol = protocol.to_string().to_ascii_lowercase();
        let ports = self
            .ports
            .get_or_insert_with(|| ports_in(&fs::read_to_string(SERVICES).unwrap_or_default()));
        let key = (text.to_owned(), protocol);
        let port = ports.get(&key).copied();
        port.ok_or_else(|| format!("port {text:?} is not in {SERVICES} for {}", key.1))
    }

    fn address(&mut self, host: &str, family: Family) -> Result<IpAddr, String> {
        if let Ok(address) = host.parse() {
            return if Family::of(address) == family {
                Ok(address)
            } else {
                Err(format!("{host} belongs without brackets"))
            };
        }
        let number = |letter: char| letter.is_ascii_digit() || letter == '.';
        if host.chars().all(number) {
            return Err(format!(
                "{host:?} is not an IPv4 address: write all four numbers"
            ));
        }
        match self.hosts {
            Hosts::File => {
                let addresses = self.addresses.get_or_insert_with(|| {
                    hosts_in(&fs::read_to_string(HOSTS).unwrap_or_default())
                });
                let known = addresses.get(&host.to_ascii_lowercase());
                let mut known = known.into_iter().flatten();
                known
                    .find(|address| Family::of(**address) == family)
                    .copied()
                    .ok_or_else(|| {
                        format!(
                            "host {host:?} has no {family} address in {HOSTS} (--resolve asks the resolver)"
                        )
                    })
            }
            Hosts::Resolver => {
                let found = (host, 0)
                    .to_socket_addrs()
                    .map_err(|error| format!("host {host:?}: {error}"))?;
                found
                    .map(|address| address.ip())
                    .find(|address| Family::of(*address) == family)
                    .ok_or_else(|| format!("host {host:?} has no {family} address"))
            }
        }
    }
}

enum Host<'a> {
    Bare(&'a str),
    Bracketed(&'a str),
}

/// Takes `host`, `host:port`, `[host]` and `[host]:port` apart.
fn split(text: &str) -> Option<(Host<'_>, Option<&str>)> {
    let is_name = |text: &str| {
        let mut letters = text.chars();
        letters.all(|letter| letter.is_ascii_alphanumeric() || "-_.:".contains(letter))
    };
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        let port = match after {
            "" => None,
            after => Some(after.strip_prefix(':')?),
        };
        (Host::Bracketed(host), port)
    } else {
        match text.split_once(':') {
            Some((host, port)) => (Host::Bare(host), Some(port)),
            None => (Host::Bare(text), None),
        }
    };
    let (Host::Bare(name) | Host::Bracketed(name)) = host;
    let is_port = |port: &str| !port.is_empty() && !port.contains([':', '[', ']']);
    (!name.is_empty() && is_name(name) && port.is_none_or(is_port)).then_some((host, port))
}

/// The addresses of each name in a hosts file, in the order of the file.
fn hosts_in(text: &str) -> HashMap<String, Vec<IpAddr>> {
    let mut addresses: HashMap<_, Vec<_>> = HashMap::new();
    for line in lines(text) {
        let mut words = line.split_ascii_whitespace();
        let address = words.next().and_then(|word| word.parse().ok());
        let Some(address) = address else { continue };
        for name in words {
            addresses
                .entry(name.to_ascii_lowercase())
                .or_default()
                .push(address);
        }
    }
    addresses
}

/// The port of each name and protocol in a services file. As in the C library, the first line counts.
fn ports_in(text: &str) -> HashMap<(String, String), u16> {
    let mut ports = HashMap::new();
    for line in lines(text) {
        let mut words = line.split_ascii_whitespace();
        let (Some(name), Some(port)) = (words.next(), words.next()) else {
            continue;
        };
        let Some((port, protocol)) = port.split_once('/') else {
            continue;
        };
        let Ok(port) = port.parse() else { continue };
        for name in std::iter::once(name).chain(words) {
            ports
                .entry((name.to_owned(), protocol.to_owned()))
                .or_insert(port);
        }
    }
    ports
}

/// The lines without comments.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.split_once('#').map_or(line, |(before, _)| before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let hosts = "127.0.0.1 localhost\n::1\tlocalhost ip6-localhost # a comment\n\
                     not-an-address x\n192.0.2.7 Web.example.org web\n192.0.2.8 web\n";
        let services =
            "http 80/tcp www # the web\nhttp 8080/tcp\ndomain 53/udp\nbad\nworse x/tcp\n";
        Names {
            hosts: Hosts::File,
            addresses: Some(hosts_in(hosts)),
            ports: Some(ports_in(services)),
        }
    }

    #[test]
    fn numbers_and_names_stand_for_the_same() {
        for (text, protocol, address, port) in [
            ("192.0.2.1:80", Protocol::Tcp, "192.0.2.1", Some(80)),
            ("192.0.2.1", Protocol::Tcp, "192.0.2.1", None),
            ("192.0.2.1:0", Protocol::Tcp, "192.0.2.1", Some(0)),
            ("192.0.2.1:http", Protocol::Tcp, "192.0.2.1", Some(80)),
            ("192.0.2.1:www", Protocol::Tcp, "192.0.2.1", Some(80)),
            ("localhost:domain", Protocol::Udp, "127.0.0.1", Some(53)),
            ("localhost:80", Protocol::Tcp, "127.0.0.1", Some(80)),
            ("WEB", Protocol::Tcp, "192.0.2.7", None),
            ("[localhost]:http", Protocol::Tcp, "::1", Some(80)),
            ("[2001:db8::1]:http", Protocol::Tcp, "2001:db8::1", Some(80)),
        ] {
            let read = names().read(text, protocol);
            let address = address.parse().unwrap();
            assert_eq!(read, Ok(Written { address, port }), "{text}");
        }
    }

    #[test]
    fn no_name_is_guessed() {
        for (text, said) in [
            (
                "web.example.com:80",
                "host \"web.example.com\" has no IPv4 address in /etc/hosts (--resolve asks the resolver)",
            ),
            (
                "ip6-localhost:80",
                "host \"ip6-localhost\" has no IPv4 address in /etc/hosts (--resolve asks the resolver)",
            ),
            (
                "192.0.2.1:domain",
                "port \"domain\" is not in /etc/services for tcp",
            ),
            ("192.0.2.1:65536", "65536 is not a port: 0 to 65535"),
            (
                "10.1:80",
                "\"10.1\" is not an IPv4 address: write all four numbers",
            ),
            (
                "12345:80",
                "\"12345\" is not an IPv4 address: write all four numbers",
            ),
            ("[192.0.2.1]:80", "192.0.2.1 belongs without brackets"),
            (
                ":80",
                "\":80\" is not an address and port: write 192.0.2.10:80 or [2001:db8::10]:80",
            ),
            (
                "*:80",
                "\"*:80\" is not an address and port: write 192.0.2.10:80 or [2001:db8::10]:80",
            ),
            (
                "localhost:",
                "\"localhost:\" is not an address and port: write 192.0.2.10:80 or [2001:db8::10]:80",
            ),
        ] {
            let read = names().read(text, Protocol::Tcp);
            assert_eq!(read, Err(said.to_owned()), "{text}");
        }
    }
}
