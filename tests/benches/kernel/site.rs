//! What is measured: services with destinations, in every form that a side needs.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use ipvs::{Batch, Destination, Endpoint, Scheduler, Service};

/// Services of 10.0.0.0/8 on port 80, each with destinations of 11.0.0.0/8, direct routing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    pub(crate) services: u32,
    pub(crate) destinations: u32,
    pub(crate) scheduler: &'static str,
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

    /// For the library, encoded.
    pub(crate) fn batch(self, batch: &mut Batch) {
        batch.clear();
        let scheduler: Scheduler = self.scheduler.parse().unwrap();
        for service in self.services() {
            let service = Service::tcp(Endpoint::new(service.into(), 80));
            let service = service.scheduler(scheduler.clone());
            batch.add_service(&service).unwrap();
            for destination in self.destinations() {
                let destination = Destination::new(Endpoint::new(destination.into(), 80));
                batch.add_destination(service.id, &destination).unwrap();
            }
        }
    }

    /// For the programs: the lines of `ipvsadm -Sn`.
    pub(crate) fn rules_file(self) -> String {
        let mut rules = String::new();
        for service in self.services() {
            writeln!(rules, "-A -t {service}:80 -s {}", self.scheduler).unwrap();
            for destination in self.destinations() {
                writeln!(rules, "-a -t {service}:80 -r {destination}:80 -g -w 1").unwrap();
            }
        }
        rules
    }
}
