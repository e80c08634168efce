//! Where the hosts are: two clients, a director and two real servers.

use super::super::doctor::{
    sh,
    traffic::{ask, serve},
};
use super::way::Way;
use ipvs_lab::netns::Netns;
use ipvs_lab::process;
use ipvs_lab::site::Site;

/// What a host of the matrix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Director,
    RealServer,
}

/// A real server of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) name: &'static str,
    /// The last part of its addresses.
    pub(super) number: u8,
}

pub(super) const WEB1: Server = Server {
    name: "web1",
    number: 12,
};
pub(super) const WEB2: Server = Server {
    name: "web2",
    number: 13,
};

/// Words that make a host what it is, for all scripts.
const WORDS: &str = "
# Gives a device the addresses of the host.
address() {
    ip link set $1 up
    ip address add 10.10.10.$number/24 dev $1
    ip address add fd00::$number/64 dev $1 nodad
    ip address add fe80::$number/64 dev $1 nodad
}
# Sends everything else to the router.
default() {
    ip route add default via 10.10.10.254 dev $*
    ip -6 route add default via fd00::254 dev $*
}
# Takes addresses and routes from eth0.
bare() {
    ip address flush dev eth0
    ip -6 route flush dev eth0
}
# Makes eth0 the port of a bond without addresses.
bond() {
    bare
    ip link set eth0 down
    ip link add bond0 type bond mode active-backup miimon 100
    ip link set bond0 addrgenmode none
    ip link set eth0 master bond0
}
# Makes eth0 the device of a VRF.
vrf() {
    sysctl -q -w net.ipv4.tcp_l3mdev_accept=1
    bare
    ip link add blue type vrf table 100
    ip link set blue up
    ip link set eth0 master blue
    address eth0
    default eth0 table 100
}
# Makes eth0 a device whose lower device belongs to another host.
above() {
    ip link delete eth0
    ip -n switch link add cable-$me type veth peer name wire-$me
    ip -n switch link set cable-$me addrgenmode none up
    ip -n switch link set wire-$me addrgenmode none
    ip -n switch link set wire-$me master bridge up
    ip -n switch link add link cable-$me name $me type $*
    ip -n switch link set $me netns $me name eth0
    ip link set eth0 addrgenmode none
    address eth0
    default eth0
}
# Adds a device with a cable to the network, or to another bridge.
cable() {
    ip -n switch link add $me-$1 type veth peer name $1 netns $me
    ip link set $1 addrgenmode none
    ip -n switch link set $me-$1 addrgenmode none
    ip -n switch link set $me-$1 master ${2-bridge} up
}
";

/// A site, in which one host is to be made what it is.
pub(super) struct Place {
    pub(super) site: Site,
    role: Role,
}

impl Place {
    /// A client and a router in the network of the hosts, and a client behind the router.
    pub(super) fn new(role: Role) -> Self {
        let modules = "ip_vs ip_vs_rr ipv6 ipip sit ip6_tunnel";
        let modules = ["--quiet", "--all"].into_iter().chain(modules.split(' '));
        let _ = process::output("modprobe", &modules.collect::<Vec<_>>());
        let site = Site::new(&[
            ("near", "10.10.10.1/24"),
            ("router", "10.10.10.254/24"),
            ("director", "10.10.10.11/24"),
            ("web1", "10.10.10.12/24"),
            ("web2", "10.10.10.13/24"),
            ("far", "10.10.30.1/24"),
        ]);
        for (host, address) in site.hosts().zip([
            "fd00::1",
            "fd00::254",
            "fd00::11",
            "fd00::12",
            "fd00::13",
            "fd30::1",
        ]) {
            address_ipv6(host, address);
        }
        // The second client is in a network of its own.
        sh(
            site.host("router"),
            "ip -n switch link add back type bridge
             ip -n switch link set back addrgenmode none up
             ip -n switch link set far master back
             ip -n switch link add router-b type veth peer name eth1 netns router
             ip -n switch link set router-b master back up
             ip link set eth1 addrgenmode none up
             ip address add 10.10.30.254/24 dev eth1
             ip address add fd30::254/64 dev eth1 nodad
             ip address add fe80::30:254/64 dev eth1 nodad
             sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
             sysctl -q -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0",
        );
        Self { site, role }
    }

    /// Starts the web servers.
    pub(super) fn serve(&self) {
        for server in [WEB1, WEB2] {
            serve(self.site.host(server.name), server.name, 80);
        }
    }

    /// The host that the row is about.
    pub(super) fn host(&self) -> &Netns {
        self.site.host(self.role.host())
    }

    /// Types lines of shell on the host.
    pub(super) fn script(&self, lines: &str) -> String {
        sh(self.host(), &self.with_words(lines))
    }

    pub(super) fn with_words(&self, lines: &str) -> String {
        let (me, number) = (self.role.host(), self.role.number());
        format!("me={me} number={number}\n{WORDS}\n{lines}")
    }

    /// Sets up everything else: the other hosts, and the services.
    pub(super) fn set_up_others(&self, ways: &[Way]) {
        let director = self.site.host("director");
        if self.role == Role::RealServer {
            let ups: Vec<_> = ways.iter().map(|it| it.director("up", "eth0")).collect();
            sh(director, &ups.join("\n"));
        }
        for server in [WEB1, WEB2] {
            if server.name != self.role.host() {
                let ups: Vec<_> = ways.iter().map(|it| it.real_server("up", "eth0")).collect();
                sh(self.site.host(server.name), &ups.join("\n"));
            }
        }
        let mut rules = String::new();
        for way in ways {
            rules += &way.service();
            rules += &way.destination(WEB1);
            rules += &way.destination(WEB2);
        }
        director.enter(|| {
            process::output_with_input("ipvs-rs", &["restore", "--format", "ipvsadm"], &rules)
                .success()
        });
    }

    /// Who answers clients, those in the network and those behind the router; nobody if a client waits
    /// in vain.
    pub(super) fn ask(&self, way: Way, times: usize) -> Vec<Option<String>> {
        let clients = ["near", "far"].map(|name| self.site.host(name));
        let mut answers = Vec::new();
        for client in clients {
            sh(client, "ip neighbour flush dev eth0");
            answers.extend(ask(client, &way.asked(), times));
        }
        answers
    }
}

impl Role {
    /// The name of the host that has the role.
    pub(super) fn host(self) -> &'static str {
        match self {
            Self::Director => "director",
            Self::RealServer => WEB1.name,
        }
    }

    /// The last part of its addresses.
    fn number(self) -> u8 {
        match self {
            Self::Director => 11,
            Self::RealServer => WEB1.number,
        }
    }

    /// How it is set up or taken down for a way.
    pub(super) fn line(self, way: Way, verb: &str, device: &str) -> String {
        match self {
            Self::Director => way.director(verb, device),
            Self::RealServer => way.real_server(verb, device),
        }
    }
}

/// The kernel asks for neighbors from a link-local address. Its own is not ready until some time later.
fn address_ipv6(host: &Netns, address: &str) {
    let name = host.name();
    let (network, last) = address.split_once("::").unwrap();
    let routes = match name {
        "router" => String::new(),
        _ if network == "fd30" => "ip route add default via 10.10.30.254
             ip -6 route add default via fd30::254"
            .to_owned(),
        _ => "ip route add default via 10.10.10.254
             ip -6 route add default via fd00::254"
            .to_owned(),
    };
    let line = format!(
        "ip -n switch link set {name} addrgenmode none
         ip link set eth0 addrgenmode none
         ip -6 address flush dev eth0
         ip address add fe80::{last}/64 dev eth0 nodad
         ip address add {address}/64 dev eth0 nodad
         {routes}"
    );
    sh(host, &line);
}
