//! Sites that serve clients, and of which the doctor finds nothing wrong.

use super::super::sh;
use super::super::traffic::{echo, serve};
use ipvs_lab::netns::Netns;
use ipvs_lab::process;
use ipvs_lab::site::Site;

/// A client, a director, the real servers `web1` and `web2`, and what is between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) way: Way,
    pub(super) family: Family,
}

/// How packets get to the real servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// All hosts are in one network.
    Direct,
    /// The real servers have a network of their own, and the director as their gateway.
    Masqueraded,
    /// The same, with direct routing.
    Returning,
    /// The real servers are behind a router. This is what `--forward` and `--tunnel` are given.
    Tunnel(&'static str),
}

/// The family of the VIP and of the real servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Ipv4,
    Ipv6,
}

use Family::{Ipv4, Ipv6};

impl Layout {
    pub(super) const DIRECT: Self = Self::new(Way::Direct, Ipv4);
    pub(super) const DIRECT6: Self = Self::new(Way::Direct, Ipv6);
    pub(super) const MASQUERADED: Self = Self::new(Way::Masqueraded, Ipv4);
    pub(super) const MASQUERADED6: Self = Self::new(Way::Masqueraded, Ipv6);
    pub(super) const RETURNING: Self = Self::new(Way::Returning, Ipv4);
    pub(super) const IPIP: Self = Self::new(Way::Tunnel("ipip"), Ipv4);
    pub(super) const IPIP6: Self = Self::new(Way::Tunnel("ipip"), Ipv6);
    pub(super) const GUE: Self = Self::new(Way::Tunnel("gue,port=6080"), Ipv4);
    pub(super) const GUE6: Self = Self::new(Way::Tunnel("gue,port=6080"), Ipv6);
    pub(super) const GRE: Self = Self::new(Way::Tunnel("gre"), Ipv4);
    pub(super) const GRE6: Self = Self::new(Way::Tunnel("gre"), Ipv6);
    pub(super) const GRE_WITH_CHECKSUMS: Self = Self::new(Way::Tunnel("gre,csum"), Ipv4);
    pub(super) const GRE6_WITH_CHECKSUMS: Self = Self::new(Way::Tunnel("gre,csum"), Ipv6);

    const fn new(way: Way, family: Family) -> Self {
        Self { way, family }
    }

    /// The VIP.
    pub(super) fn vip(self) -> &'static str {
        match self.family {
            Ipv4 => "10.10.10.100",
            Ipv6 => "fd00::100",
        }
    }

    /// A port of the VIP, as it is typed.
    pub(super) fn at(self, port: u16) -> String {
        match self.family {
            Ipv4 => format!("{}:{port}", self.vip()),
            Ipv6 => format!("[{}]:{port}", self.vip()),
        }
    }

    /// The address of a real server.
    pub(super) fn server(self, number: u8) -> String {
        let network = match (self.way, self.family) {
            (Way::Direct, Ipv4) => "10.10.10.",
            (Way::Direct, Ipv6) => "fd00::",
            (_, Ipv4) => "10.10.20.",
            (_, Ipv6) => "fd20::",
        };
        format!("{network}{}", 11 + number)
    }

    /// How the director forwards, as `add-destination` takes it.
    pub(super) fn method(self) -> String {
        match self.way {
            Way::Direct | Way::Returning => String::new(),
            Way::Masqueraded => " -m".to_owned(),
            Way::Tunnel(tunnel) => format!(" --tunnel {tunnel}"),
        }
    }

    /// How the doctor is asked of a host: nothing is recorded of a masqueraded real server.
    pub(super) fn doctor(self, host: &str) -> String {
        if host == "director" || self.way != Way::Masqueraded {
            return "doctor".to_owned();
        }
        let gateway = match self.family {
            Ipv4 => "10.10.20.11",
            Ipv6 => "fd20::11",
        };
        format!("doctor --real-server --gateway {gateway} --port 80")
    }

    /// Builds the site. Everything is set up by `ipvs-rs`, and serves.
    pub(super) fn build(self) -> Site {
        let modules = "ip_vs ipv6 ipip sit ip6_tunnel ip_gre ip6_gre fou";
        let modules = ["--quiet", "--all"].into_iter().chain(modules.split(' '));
        let _ = process::output("modprobe", &modules.collect::<Vec<_>>());
        let servers = match self.way {
            Way::Direct => "10.10.10",
            Way::Masqueraded | Way::Returning | Way::Tunnel(_) => "10.10.20",
        };
        let (web1, web2) = (format!("{servers}.12/24"), format!("{servers}.13/24"));
        let mut hosts = vec![
            ("client", "10.10.10.1/24"),
            ("director", "10.10.10.11/24"),
            ("web1", &web1),
            ("web2", &web2),
        ];
        if let Way::Tunnel(_) = self.way {
            hosts.push(("router", "10.10.10.254/24"));
        }
        let site = Site::new(&hosts);
        self.address(&site);
        for name in ["web1", "web2"] {
            let host = site.host(name);
            serve(host, name, 80);
            echo(host, name, 53);
            self.set_up_server(host);
        }
        self.set_up_director(site.host("director"));
        site
    }

    /// IPv6 addresses, the second network, and routes.
    fn address(self, site: &Site) {
        // The kernel asks for neighbours from a link-local address. Its own is not ready until some
        // time later.
        for (number, host) in site.hosts().enumerate() {
            let line = format!(
                "ip link set eth0 addrgenmode none; ip -6 address flush dev eth0
                 ip address add fe80::1{number}/64 dev eth0 nodad"
            );
            sh(host, &line);
        }
        let six = |name: &str, address: &str| {
            sh(
                site.host(name),
                &format!("ip address add {address}/64 dev eth0 nodad"),
            );
        };
        six("client", "fd00::1");
        six("director", "fd00::11");
        let between = match self.way {
            Way::Direct => {
                six("web1", "fd00::12");
                six("web2", "fd00::13");
                return;
            }
            Way::Masqueraded | Way::Returning => "director",
            Way::Tunnel(_) => "router",
        };
        six("web1", "fd20::12");
        six("web2", "fd20::13");
        let gateway = if between == "router" { 254 } else { 11 };
        sh(
            site.host(between),
            &format!(
                "ip -n switch link add back type bridge
                 ip -n switch link set back addrgenmode none up
                 ip -n switch link set web1 master back
                 ip -n switch link set web2 master back
                 ip -n switch link add {between}b type veth peer name eth1 netns {between}
                 ip -n switch link set {between}b master back up
                 ip link set eth1 addrgenmode none up
                 ip address add 10.10.20.{gateway}/24 dev eth1
                 ip address add fd20::{gateway}/64 dev eth1 nodad
                 ip address add fe80::{gateway}/64 dev eth1 nodad"
            ),
        );
        // What fits through every tunnel.
        let fitting = if between == "router" {
            " advmss 1200"
        } else {
            ""
        };
        for name in ["web1", "web2"] {
            sh(
                site.host(name),
                &format!(
                    "ip route add default via 10.10.20.{gateway}{fitting}
                     ip -6 route add default via fd20::{gateway}{fitting}"
                ),
            );
        }
        if between == "router" {
            six("router", "fd00::254");
            // Real servers answer with the VIP as their source.
            sh(
                site.host("router"),
                "sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
                 sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0",
            );
            sh(
                site.host("director"),
                "ip route add 10.10.20.0/24 via 10.10.10.254
                 ip -6 route add fd20::/64 via fd00::254",
            );
        }
    }

    fn set_up_server(self, host: &Netns) {
        let up = format!("ipvs-rs real-server up --vip {} --device eth0", self.vip());
        match self.way {
            Way::Direct | Way::Returning => sh(host, &up),
            Way::Tunnel(tunnel) => sh(host, &format!("{up} --forward {tunnel}")),
            // A router may not tell it a shorter way.
            Way::Masqueraded => sh(host, "sysctl -w net.ipv6.conf.eth0.accept_redirects=0"),
        };
    }

    fn set_up_director(self, host: &Netns) {
        let service = self.at(80);
        let method = self.method();
        let prefix = if self.family == Ipv4 { "/24" } else { "" };
        let forward = match self.way {
            Way::Direct => "direct",
            Way::Masqueraded => "masquerade",
            Way::Returning => "direct --gateway eth1",
            Way::Tunnel(_) => "tunnel",
        };
        let address = |number| match self.family {
            Ipv4 => self.server(number),
            Ipv6 => format!("[{}]", self.server(number)),
        };
        // Nobody else is there to be asked for the VIP.
        sh(
            host,
            &format!(
                "ipvs-rs timeouts --tcp 7260
                 ipvs-rs add-service -t {service} -s rr
                 ipvs-rs add-destination -t {service} -r {}{method}
                 ipvs-rs add-destination -t {service} -r {}{method}
                 ipvs-rs director up --vip {}{prefix} --device eth0 --forward {forward} --claim",
                address(1),
                address(2),
                self.vip(),
            ),
        );
    }
}
