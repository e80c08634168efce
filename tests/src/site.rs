//! A site: hosts that are connected to one bridge by a cable each.

use crate::netns::Netns;
use crate::process;

/// The device that has a host's address.
pub const DEVICE: &str = "eth0";

/// Hosts on one network segment. The site is removed when this is dropped.
#[derive(Debug)]
pub struct Site {
    hosts: Vec<Netns>,
    // Last, so that the hosts are removed before the bridge.
    _bridge: Netns,
}

impl Site {
    /// Builds a site. Each host has a name and an address: `("client", "10.10.10.1/24")`.
    ///
    /// Each host is a named network namespace; its end of the cable is `eth0`. The bridge has a namespace
    /// of its own, so the site changes nothing outside of its namespaces.
    pub fn new(hosts: &[(&str, &str)]) -> Self {
        let bridge = Netns::new("switch");
        bridge.enter(|| process::run("ip", &["link", "add", "bridge", "type", "bridge"]));
        bridge.enter(|| process::run("ip", &["link", "set", "bridge", "up"]));
        let hosts = hosts
            .iter()
            .map(|(name, address)| plug_in(&bridge, name, address));
        Self {
            hosts: hosts.collect(),
            _bridge: bridge,
        }
    }

    /// The host with this name.
    ///
    /// # Panics
    ///
    /// If there is no such host.
    #[track_caller]
    pub fn host(&self, name: &str) -> &Netns {
        match self.hosts.iter().find(|host| host.name() == name) {
            Some(host) => host,
            None => panic!("the site has no host {name}"),
        }
    }

    /// All hosts, in the order in which they were given.
    pub fn hosts(&self) -> impl Iterator<Item = &Netns> {
        self.hosts.iter()
    }
}

fn plug_in(bridge: &Netns, name: &str, address: &str) -> Netns {
    let host = Netns::new(name);
    bridge.enter(|| {
        let cable = [
            "link", "add", name, "type", "veth", "peer", "name", DEVICE, "netns", name,
        ];
        process::run("ip", &cable);
        process::run("ip", &["link", "set", name, "master", "bridge", "up"]);
    });
    host.enter(|| {
        process::run("ip", &["address", "add", address, "dev", DEVICE]);
        process::run("ip", &["link", "set", DEVICE, "up"]);
    });
    host
}
