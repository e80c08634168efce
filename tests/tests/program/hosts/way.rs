//! The virtual IPs of the site: one for each way that packets take.

use super::site::Server;

/// How packets get to the real servers, and the family of the virtual IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) vip: &'static str,
    /// How the director forwards, as rules have it.
    method: char,
    /// What `director up` takes.
    forward: &'static str,
    /// What `real-server up` takes.
    receive: &'static str,
}

pub(super) const DIRECT4: Way = Way::direct("10.10.10.100");
pub(super) const DIRECT6: Way = Way::direct("fd00::100");
pub(super) const TUNNEL4: Way = Way::tunnel("10.10.10.101");
pub(super) const TUNNEL6: Way = Way::tunnel("fd00::101");

/// All of them.
pub(super) const ALL: &[Way] = &[DIRECT4, TUNNEL4, DIRECT6, TUNNEL6];

/// Those of a host without IPv6.
pub(super) const IPV4: &[Way] = &[DIRECT4, TUNNEL4];

impl Way {
    const fn direct(vip: &'static str) -> Self {
        Self {
            vip,
            method: 'g',
            forward: "direct",
            receive: "direct",
        }
    }

    const fn tunnel(vip: &'static str) -> Self {
        Self {
            vip,
            method: 'i',
            forward: "tunnel",
            receive: "ipip",
        }
    }

    pub(super) fn is_ipv6(self) -> bool {
        self.vip.contains(':')
    }

    /// The port that clients ask for.
    pub(super) fn asked(self) -> String {
        self.port_of(self.vip)
    }

    fn port_of(self, address: &str) -> String {
        if self.is_ipv6() {
            format!("[{address}]:80")
        } else {
            format!("{address}:80")
        }
    }

    /// The service, as rules have it.
    pub(super) fn service(self) -> String {
        format!("-A -t {} -s rr\n", self.asked())
    }

    /// A destination of the service, as rules have it.
    pub(super) fn destination(self, server: Server) -> String {
        let address = if self.is_ipv6() {
            format!("fd00::{}", server.number)
        } else {
            format!("10.10.10.{}", server.number)
        };
        let to = self.port_of(&address);
        format!("-a -t {} -r {to} -{} -w 1\n", self.asked(), self.method)
    }

    /// How a director is set up and taken down for it.
    pub(super) fn director(self, verb: &str, device: &str) -> String {
        let prefix = if self.is_ipv6() { "" } else { "/24" };
        let options = format!("--forward {} --claim", self.forward);
        self.typed("director", verb, prefix, device, &options)
    }

    /// How a real server is set up and taken down for it.
    pub(super) fn real_server(self, verb: &str, device: &str) -> String {
        let options = format!("--forward {}", self.receive);
        self.typed("real-server", verb, "", device, &options)
    }

    fn typed(self, role: &str, verb: &str, prefix: &str, device: &str, options: &str) -> String {
        let options = if verb == "up" { options } else { "" };
        let vip = self.vip;
        format!("ipvs-rs {role} {verb} --vip {vip}{prefix} --device {device} {options}")
    }
}
