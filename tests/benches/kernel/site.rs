//! What is measured: services with destinations, in every form that a side needs.

use std::fmt::{self, Write as _};
use std::net::Ipv4Addr;

use ipvs::{
    Batch, Destination, Endpoint, Scheduler, Service, ServiceId, Table, Timeouts, VirtualServer,
};

/// Services of 10.0.0.0/8 on port 80, each with destinations of 11.0.0.0/8, direct routing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    pub(crate) services: u32,
    pub(crate) destinations: u32,
    pub(crate) scheduler: &'static str,
}

/// For the library, one by one.
pub(crate) enum Rule {
    Service(Service),
    Destination(ServiceId, Destination),
}

impl Rule {
    pub(crate) fn add_to(&self, batch: &mut Batch) {
        match self {
            Self::Service(service) => batch.add_service(service),
            Self::Destination(service, destination) => batch.add_destination(*service, destination),
        }
        .unwrap();
    }
}

impl Site {
    pub(crate) const fn new(services: u32, destinations: u32, scheduler: &'static str) -> Self {
        Self {
            services,
            destinations,
            scheduler,
        }
    }

    /// Services and destinations together.
    pub(crate) fn rules(self) -> u32 {
        self.services * (1 + self.destinations)
    }

    pub(crate) fn services(self) -> impl Iterator<Item = Ipv4Addr> {
        (0..self.services).map(|number| Ipv4Addr::from(0x0a00_0001 + number))
    }

    pub(crate) fn destinations(self) -> impl Iterator<Item = Ipv4Addr> {
        (0..self.destinations).map(|number| Ipv4Addr::from(0x0b00_0001 + number))
    }

    pub(crate) fn each_rule(self, mut each: impl FnMut(Rule)) {
        let scheduler: Scheduler = self.scheduler.parse().unwrap();
        for service in self.services() {
            let service = Service::tcp(Endpoint::new(service.into(), 80));
            let service = service.scheduler(scheduler.clone());
            let id = service.id;
            each(Rule::Service(service));
            for destination in self.destinations() {
                let destination = Destination::new(Endpoint::new(destination.into(), 80));
                each(Rule::Destination(id, destination));
            }
        }
    }

    pub(crate) fn table(self) -> Table {
        self.table_with(1)
    }

    /// The first destination of each service has another weight.
    pub(crate) fn changed_table(self) -> Table {
        self.table_with(2)
    }

    fn table_with(self, first_weight: u32) -> Table {
        let mut servers: Vec<VirtualServer> = Vec::new();
        self.each_rule(|rule| match rule {
            Rule::Service(service) => servers.push(VirtualServer::new(service, [])),
            Rule::Destination(_, destination) => {
                let destinations = &mut servers.last_mut().unwrap().destinations;
                let weight = if destinations.is_empty() {
                    first_weight
                } else {
                    1
                };
                destinations.push(destination.weight(weight));
            }
        });
        Table::new(Timeouts::default(), servers)
    }

    /// For the programs: the lines of `ipvsadm -Sn`.
    pub(crate) fn rules_file(self) -> String {
        self.rules_file_with(1)
    }

    pub(crate) fn changed_rules_file(self) -> String {
        self.rules_file_with(2)
    }

    fn rules_file_with(self, first_weight: u32) -> String {
        let mut rules = String::new();
        for service in self.services() {
            writeln!(rules, "-A -t {service}:80 -s {}", self.scheduler).unwrap();
            for (place, destination) in self.destinations().enumerate() {
                let weight = if place == 0 { first_weight } else { 1 };
                writeln!(
                    rules,
                    "-a -t {service}:80 -r {destination}:80 -g -w {weight}"
                )
                .unwrap();
            }
        }
        rules
    }

    /// The same in our own format.
    pub(crate) fn toml(self) -> String {
        let mut toml = String::new();
        for server in self.table().virtual_servers {
            let table = Table::new(Timeouts::default(), [server]);
            toml.push_str(&toml::to_string(&table).unwrap());
        }
        toml
    }
}

impl Site {
    /// The same in the library's JSON.
    pub(crate) fn json(self) -> String {
        serde_json::to_string(&ipvs::json::Table(self.table())).unwrap()
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.services, self.destinations)?;
        match self.scheduler {
            "rr" => Ok(()),
            other => write!(f, " {other}"),
        }
    }
}
