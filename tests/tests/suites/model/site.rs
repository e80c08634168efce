//! The table that is changed, and the model of it.

use std::collections::BTreeMap;
use std::fs;

use ipvs::{Client, Destination, DestinationId, Forwarding, Service, ServiceId, VirtualServer};
use ipvs_lab::in_namespace;

use super::words::{forwarding, known_words, listed, listed_destination, name, removals, settings};
use crate::common::program::done;
use crate::common::{client, saved};

/// By whom the steps are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    Library,
    Program,
}

/// What should be there, and what is.
pub(super) struct Site {
    pub(super) hand: Hand,
    ipvs: Client,
    pub(super) model: BTreeMap<ServiceId, (Service, BTreeMap<DestinationId, Destination>)>,
}

/// The same steps by either hand.
pub(super) fn by_each_hand(steps: impl Fn(&mut Site) + Sync) {
    for hand in [Hand::Library, Hand::Program] {
        in_namespace(|| {
            let (ipvs, model) = (client(), BTreeMap::new());
            steps(&mut Site { hand, ipvs, model });
        });
    }
}

impl Site {
    pub(super) fn add(&mut self, service: Service) {
        match self.hand {
            Hand::Library => self.ipvs.add_service(&service).unwrap(),
            Hand::Program => done(&format!(
                "add-service {} {}",
                name(service.id),
                settings(&service)
            )),
        }
        self.model.insert(service.id, (service, BTreeMap::new()));
        self.check();
    }

    pub(super) fn change(&mut self, service: Service) {
        match self.hand {
            Hand::Library => self.ipvs.update_service(&service).unwrap(),
            Hand::Program => {
                let settings = settings(&service) + &removals(&service);
                done(&format!("edit-service {} {settings}", name(service.id)));
            }
        }
        let (kept, _) = self.model.get_mut(&service.id).unwrap();
        *kept = service;
        self.check();
    }

    pub(super) fn delete(&mut self, id: ServiceId) {
        match self.hand {
            Hand::Library => self.ipvs.delete_service(id).unwrap(),
            Hand::Program => done(&format!("delete-service {}", name(id))),
        }
        self.model.remove(&id).unwrap();
        self.check();
    }

    pub(super) fn add_destination(&mut self, service: ServiceId, destination: Destination) {
        match self.hand {
            Hand::Library => self.ipvs.add_destination(service, &destination).unwrap(),
            Hand::Program => type_destination("add-destination", service, destination),
        }
        self.keep(service, destination);
    }

    pub(super) fn change_destination(&mut self, service: ServiceId, destination: Destination) {
        match self.hand {
            Hand::Library => self.ipvs.update_destination(service, &destination).unwrap(),
            Hand::Program => type_destination("edit-destination", service, destination),
        }
        self.keep(service, destination);
    }

    fn keep(&mut self, service: ServiceId, destination: Destination) {
        let (_, destinations) = self.model.get_mut(&service).unwrap();
        destinations.insert(destination.id, destination);
        self.check();
    }

    pub(super) fn delete_destination(&mut self, service: ServiceId, id: DestinationId) {
        match self.hand {
            Hand::Library => self.ipvs.delete_destination(service, id).unwrap(),
            Hand::Program => done(&format!("delete-destination {} -r {id}", name(service))),
        }
        let (_, destinations) = self.model.get_mut(&service).unwrap();
        destinations.remove(&id).unwrap();
        self.check();
    }

    /// After every step.
    #[track_caller]
    fn check(&mut self) {
        let expected = self.model.values().cloned();
        let expected = expected
            .map(|(service, destinations)| VirtualServer::new(service, destinations.into_values()));
        let found = self.ipvs.table().unwrap().virtual_servers;
        assert_eq!(found, expected.collect::<Vec<_>>());

        let expected = self.model.values().flat_map(|(service, destinations)| {
            let destinations = destinations.values().map(listed_destination);
            [listed(service)].into_iter().chain(destinations)
        });
        let list = fs::read_to_string("/proc/thread-self/net/ip_vs").unwrap();
        let rows = list.lines().skip(3);
        assert_eq!(sorted(rows.map(known_words)), sorted(expected));
    }

    /// After every round.
    #[track_caller]
    pub(super) fn confirm(&self) {
        let expected = self.model.values().flat_map(|(service, destinations)| {
            let named = name(service.id);
            let line = format!("-A {named} {}", settings(service));
            let destinations = destinations.values().map(move |destination| {
                let tunnel = match destination.forwarding {
                    Forwarding::Tunnel(_) => " --tun-type ipip",
                    _ => "",
                };
                format!(
                    "-a {named} -r {} {}{tunnel}",
                    destination.id,
                    forwarding(destination)
                )
            });
            [line].into_iter().chain(destinations)
        });
        let found = saved();
        assert_eq!(sorted(found.lines().map(str::to_owned)), sorted(expected));
    }
}

fn type_destination(command: &str, service: ServiceId, destination: Destination) {
    let (service, settings) = (name(service), forwarding(&destination));
    done(&format!(
        "{command} {service} -r {} {settings}",
        destination.id
    ));
}

/// Nobody's order is ours.
fn sorted(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines
}
