//! A host as it is at one moment: read once, looked at by every check.

mod answers;
mod kernel;
mod managers;
mod names;
mod passage;
mod settings;
mod sockets;

use std::{collections::HashMap, net::IpAddr};

use crate::{
    AddressScope, AddressStatus, DeviceName, Director, Error, Host, HostRouteStatus, IpPrefix,
    Ipv4Conf, Link, ListenerStatus, Module, Neighbour, PathQuery, PathTo, Reach, Route, Rule,
    SetUp, model::sysctl::ARP_IGNORE_HIDDEN,
};
pub(super) use answers::{Answers, Question};
pub(super) use kernel::KernelVersion;
pub(super) use managers::Managers;
pub(super) use passage::{Beside, Client, Entrance, Passage};
pub(super) use settings::Settings;
pub(super) use sockets::Socket;

/// All that checks look at. What could not be read for want of privilege is left out: a check says
/// nothing about what it does not know.
#[derive(Debug, Default)]
pub(super) struct HostView {
    pub(super) links: Vec<Link>,
    pub(super) addresses: Vec<AddressStatus>,
    /// Those of the main table.
    pub(super) routes: Vec<Route>,
    /// Those of all tables.
    pub(super) tables: Vec<Route>,
    pub(super) rules: Vec<Rule>,
    pub(super) host_routes: Vec<HostRouteStatus>,
    pub(super) neighbours: Vec<Neighbour>,
    pub(super) paths: HashMap<IpAddr, PathTo>,
    pub(super) passages: Vec<Passage>,
    pub(super) answers: Answers,
    pub(super) listeners: Option<Vec<ListenerStatus>>,
    pub(super) sockets: Option<Vec<Socket>>,
    pub(super) settings: Settings,
    pub(super) managers: Managers,
    pub(super) kernel: Option<KernelVersion>,
    pub(super) ip_vs: Presence,
    /// What the host was set up as and is not undone, by the journal.
    pub(super) set_ups: Vec<SetUp>,
}

/// Whether the kernel has a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Presence {
    #[default]
    There,
    Missing,
}

impl HostView {
    /// Reads it, without paths, passages and answers.
    pub(super) async fn read(host: &Host) -> Result<Self, Error> {
        let links = host.links().await?;
        let tables = host.routes_of_all_tables().await?;
        let of_main = tables.iter().filter(|it| it.table == Route::MAIN_TABLE);
        Ok(Self {
            addresses: host.addresses().await?,
            routes: of_main.cloned().collect(),
            rules: host.rules().await?,
            host_routes: host.host_routes().await?,
            neighbours: host.neighbours().await?,
            paths: HashMap::new(),
            passages: Vec::new(),
            answers: Answers::default(),
            // Asking for them takes CAP_NET_ADMIN.
            listeners: host.listeners().await.ok(),
            sockets: sockets::read(host)?,
            settings: Settings::read(host, &links)?,
            managers: Managers::of(host),
            kernel: KernelVersion::running(),
            set_ups: names::current(host.set_ups()?, &links),
            ip_vs: if Module::IpVs.is_available() {
                Presence::There
            } else {
                Presence::Missing
            },
            links,
            tables,
        })
    }

    /// Asks the kernel for the paths to some addresses.
    pub(super) async fn find_paths(
        &mut self,
        host: &Host,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) {
        for address in addresses {
            if self.paths.contains_key(&address) {
                continue;
            }
            // A kernel without IPv6 has no paths there, and says so with an error.
            let query = PathQuery::to(address);
            if let Ok(answer) = host.path_among(&query, &self.links).await {
                let found = answer.found().cloned();
                self.paths.extend(found.map(|path| (address, path)));
            }
        }
    }

    /// Asks the network who has some addresses.
    pub(super) async fn ask(&mut self, host: &Host, questions: Vec<Question>) -> Result<(), Error> {
        self.answers = Answers::to(host, questions).await?;
        Ok(())
    }

    /// The director that this host was set up as for a VIP, by the journal.
    pub(super) fn recorded_director(&self, vip: IpAddr) -> Option<&Director> {
        self.set_ups.iter().find_map(|set_up| match set_up {
            SetUp::Director(director) if director.vip().address() == vip => Some(director),
            _ => None,
        })
    }

    /// What was asked of packets for a VIP.
    pub(super) fn passages(&self, vip: IpAddr) -> impl Iterator<Item = &Passage> {
        self.passages.iter().filter(move |it| it.vip == vip)
    }

    /// Whether the next address of a network takes the place of a deleted first one on a device.
    pub(super) fn promotes_secondaries(&self, device: &DeviceName) -> bool {
        let promotes = self.settings.on(device, Ipv4Conf::PromoteSecondaries);
        promotes.is_some_and(|it| it.effective != 0)
    }

    /// The VRF that a device belongs to.
    pub(super) fn vrf(&self, link: &Link) -> Option<&Link> {
        link.vrf_among(&self.links)
    }

    pub(super) fn link(&self, device: &DeviceName) -> Option<&Link> {
        self.links.iter().find(|link| link.name == *device)
    }

    /// The name that the kernel has for a device, which may be given by an alternative name.
    pub(super) fn current_name(&self, device: &DeviceName) -> DeviceName {
        names::of_device(device, &self.links)
    }

    /// A director with such names.
    pub(super) fn named(&self, director: &Director) -> Director {
        names::of_director(director.clone(), &self.links)
    }

    /// Where an address is, which may be several devices.
    pub(super) fn carriers(&self, address: IpAddr) -> impl Iterator<Item = &AddressStatus> {
        self.addresses
            .iter()
            .filter(move |status| status.address.prefix.address() == address)
    }

    /// The device of an entry.
    pub(super) fn link_of(&self, status: &AddressStatus) -> Option<&Link> {
        self.link(&status.address.device)
    }

    /// Whether packets to an address end in this host.
    pub(super) fn is_local(&self, address: IpAddr) -> bool {
        let is_local = |path: &PathTo| path.reach == Reach::Local;
        // The table of a VRF is looked up for packets that arrive on its devices.
        let arrives = |it: &Passage| it.arrival.found().is_some_and(is_local);
        self.paths.get(&address).is_some_and(is_local) || self.passages(address).any(arrives)
    }

    /// Whether neighbours find an address here, whatever is set on other devices: it is on a device
    /// that answers for its own addresses.
    pub(super) fn is_noticed(&self, address: IpAddr) -> bool {
        self.carriers(address).any(|it| self.is_noticed_there(it))
    }

    /// Whether a device answers for this address of its own.
    pub(super) fn is_noticed_there(&self, entry: &AddressStatus) -> bool {
        let asks = self.link_of(entry).is_some_and(Link::resolves_neighbours);
        asks && !self.is_silenced(entry)
    }

    /// Whether `arp_ignore` keeps a device from answering for this address of its own.
    fn is_silenced(&self, entry: &AddressStatus) -> bool {
        let address = &entry.address;
        let ignored = self.settings.on(&address.device, Ipv4Conf::ArpIgnore);
        address.prefix.address().is_ipv4()
            && address.scope == AddressScope::Host
            && ignored.is_some_and(|it| ARP_IGNORE_HIDDEN.contains(&it.effective))
    }

    /// Whether an address is here as a VIP is on a real server: where no neighbour finds it.
    pub(super) fn is_hidden(&self, vip: IpAddr) -> bool {
        let mut links = self.carriers(vip).filter_map(|it| self.link_of(it));
        links.next().is_some() && !self.is_noticed(vip)
    }

    /// The devices that ask by ARP or neighbour discovery and are up, with the address that has
    /// `vip` in its network: whoever is there looks for it there. The VIP's own entries do not count.
    pub(super) fn networks_of(&self, vip: IpAddr) -> impl Iterator<Item = (&Link, IpPrefix)> {
        self.addresses.iter().filter_map(move |status| {
            let prefix = status.address.prefix;
            let link = self.link_of(status)?;
            let around = prefix.address() != vip && prefix.contains(vip);
            (around && link.resolves_neighbours()).then_some((link, prefix))
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{Address, Carrier, LinkState, OperationalState, Rank, Resolution};

    /// A device that is up.
    pub(in crate::node::doctor) fn link(index: u32, name: &str) -> Link {
        Link {
            index,
            name: DeviceName::from_kernel(name.to_owned()),
            alternative_names: Vec::new(),
            state: LinkState::Up,
            carrier: Carrier::Present,
            operational: OperationalState::Up,
            lower: None,
            master: None,
            mac: None,
            resolution: if name.starts_with("eth") {
                Resolution::Arp
            } else {
                Resolution::None
            },
            mtu: 1500,
            kind: None,
            group: 0,
        }
    }

    pub(in crate::node::doctor) fn address(prefix: &str, device: &str) -> AddressStatus {
        let device = DeviceName::from_kernel(device.to_owned());
        AddressStatus {
            address: Address::new(prefix.parse().unwrap(), device),
            rank: Rank::Primary,
            origin: None,
            duplicate: crate::DuplicateState::NoneKnown,
        }
    }

    #[test]
    fn the_networks_of_a_vip_are_where_others_ask_for_it() {
        let view = HostView {
            links: vec![link(1, "lo"), link(2, "eth0"), link(3, "eth1")],
            addresses: vec![
                address("10.10.10.11/24", "eth0"),
                address("10.10.10.100/32", "eth0"),
                address("10.10.10.12/24", "lo"),
                address("10.20.0.11/24", "eth1"),
            ],
            ..HostView::default()
        };
        let vip = "10.10.10.100".parse().unwrap();
        let networks = view.networks_of(vip);
        let networks: Vec<_> = networks.map(|(link, _)| link.name.as_str()).collect();
        assert_eq!(networks, ["eth0"]);
    }
}
