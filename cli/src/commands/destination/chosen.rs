use clap::Args;
use ipvs::{
    Change, Client, Destination, DestinationId, DestinationStatus, Error, Plan, ServiceId,
    VirtualServerStatus,
};

use crate::ending::Failure;
use crate::shown::shell;
use crate::typed::{PerhapsService, RealServer, service_words};

/// A real server of one service, or of every service that has it.
#[derive(Args, Debug)]
pub(crate) struct Destinations {
    #[command(flatten)]
    service: PerhapsService,
    /// The real server; without a port, the service's port. If no service is named: of every service
    /// that has it
    #[arg(short, long, value_name = "ADDRESS[:PORT]")]
    real_server: RealServer,
}

/// A service and those of its destinations that a command is about. There is at least one.
pub(crate) struct Chosen {
    pub(crate) server: VirtualServerStatus,
    pub(crate) destinations: Vec<Destination>,
}

impl Destinations {
    /// The destination that is named with its service. `None` if the real server of every service is meant.
    pub(crate) fn named(&self) -> Option<(ServiceId, DestinationId)> {
        let service = self.service.id()?;
        Some((service, self.real_server.behind(service)))
    }

    /// Reads the destinations, and the services that have them. There is at least one.
    pub(crate) fn read(&self, ipvs: &mut Client) -> Result<Vec<Chosen>, Failure> {
        match self.named() {
            Some((service, id)) => Ok(vec![read_one(ipvs, service, id)?]),
            None => self.read_every(ipvs),
        }
    }

    fn read_every(&self, ipvs: &mut Client) -> Result<Vec<Chosen>, Failure> {
        let mut chosen = Vec::new();
        ipvs.for_each_virtual_server(|service, destinations| {
            let named = self.real_server.among(destinations);
            if !named.is_empty() {
                let destinations = destinations.iter().copied();
                chosen.push(Chosen {
                    server: VirtualServerStatus::new(service.clone(), destinations),
                    destinations: named.iter().map(|status| status.destination).collect(),
                });
            }
        })?;
        if chosen.is_empty() {
            return Err(self.real_server.is_nowhere());
        }
        Ok(chosen)
    }
}

fn read_one(ipvs: &mut Client, service: ServiceId, id: DestinationId) -> Result<Chosen, Error> {
    let destinations = ipvs.destinations(service)?;
    let mut configured = destinations.iter().map(|status| status.destination);
    let named = configured.find(|destination| destination.id == id);
    let named = named.ok_or(Error::DestinationNotFound {
        service,
        destination: id,
    })?;
    Ok(Chosen {
        server: VirtualServerStatus::new(ipvs.service(service)?, destinations),
        destinations: vec![named],
    })
}

impl Chosen {
    pub(crate) fn service(&self) -> ServiceId {
        self.server.service.service.id
    }

    /// The service as it is after a change of the chosen destinations: `change` returns whether one stays.
    pub(crate) fn after(&self, change: impl Fn(&mut Destination) -> bool) -> VirtualServerStatus {
        let mut after = self.server.clone();
        let is_chosen = |status: &DestinationStatus| {
            let mut chosen = self.destinations.iter();
            chosen.any(|destination| destination.id == status.destination.id)
        };
        after
            .destinations
            .retain_mut(|status| !is_chosen(status) || change(&mut status.destination));
        after
    }
}

/// Every chosen destination, with its service.
pub(crate) fn each(chosen: &[Chosen]) -> impl Iterator<Item = (ServiceId, Destination)> {
    chosen.iter().flat_map(|it| {
        let destinations = it.destinations.iter();
        destinations.map(|destination| (it.service(), *destination))
    })
}

/// A command about a destination, as a line to type.
pub(crate) fn command(name: &str, service: ServiceId, id: DestinationId) -> shell::Line {
    let server = ["-r".to_owned(), id.to_string()];
    shell::Line::ours([name])
        .words(service_words(service))
        .words(server)
}

/// The plan that changes destinations: `change` returns whether a destination stays.
pub(crate) fn plan(chosen: &[Chosen], change: impl Fn(&mut Destination) -> bool) -> Plan {
    let changes = each(chosen).filter_map(|(service, from)| {
        let mut to = from;
        let stays = change(&mut to);
        Some(match stays {
            true if from == to => return None,
            true => Change::UpdateDestination { service, from, to },
            false => Change::DeleteDestination {
                service,
                destination: from,
            },
        })
    });
    changes.collect()
}
