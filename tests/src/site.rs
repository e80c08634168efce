//! Hosts with a cable each, all plugged into one bridge.

use crate::netns::Netns;
use crate::process;

/// The device on which every host has its address.
pub const DEVICE: &str = "eth0";

/// Hosts on one network segment. Taken down when dropped.
#[derive(Debug)]
pub struct Site {
    hosts: Vec<Netns>,
    // Last: the hosts are unplugged first.
    _bridge: Netns,
}

impl Site {
    /// Builds a site of hosts with a name and an address each: `("client", "10.10.10.1/24")`.
    ///
    /// Each host is a named network namespace whose end of the cable is `eth0`. The bridge is in a
    /// namespace of its own, so that nothing of the site is anywhere else.
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

    /// The host of that name.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn host(&self, name: &str) -> &Netns {
        match self.hosts.iter().find(|host| host.name() == name) {
            Some(host) => host,
            None => panic!("the site has no host {name}"),
        }
    }

    /// All hosts, in the order they were named.
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
