use clap::Args;
use ipvs::{
    Change, Client, Destination, DestinationId, DestinationStatus, Plan, ServiceId,
    VirtualServerStatus,
};

use crate::ending::Failure;
use crate::typed::{AsOptions, PerhapsService, RealServer};

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

/// A destination, and its service with all destinations.
pub(crate) struct Chosen {
    pub(crate) id: DestinationId,
    pub(crate) server: VirtualServerStatus,
}

impl Destinations {
    /// Reads the destinations. There is at least one.
    pub(crate) fn find(&self, ipvs: &mut Client) -> Result<Vec<Chosen>, Failure> {
        let Some(service) = self.service.id() else {
            return self.of_every_service(ipvs);
        };
        let id = self.real_server.behind(service);
        // For its error, which names the destination.
        ipvs.destination(service, id)?;
        let (status, destinations) = (ipvs.service(service)?, ipvs.destinations(service)?);
        let server = VirtualServerStatus::new(status, destinations);
        Ok(vec![Chosen { id, server }])
    }

    /// Whether they are those of every service that has the real server.
    pub(crate) fn is_every_service(&self) -> bool {
        self.service.id().is_none()
    }

    fn of_every_service(&self, ipvs: &mut Client) -> Result<Vec<Chosen>, Failure> {
        let mut chosen = Vec::new();
        for server in ipvs.virtual_servers()? {
            let destinations = server.destinations.iter();
            let ids = destinations.map(|status| status.destination.id);
            for id in ids.filter(|id| self.real_server.is(*id)) {
                let server = server.clone();
                chosen.push(Chosen { id, server });
            }
        }
        if chosen.is_empty() {
            return Err(format!("no service has the real server {}", self.real_server).into());
        }
        Ok(chosen)
    }
}

impl Chosen {
    pub(crate) fn service(&self) -> ServiceId {
        self.server.service.service.id
    }

    pub(crate) fn destination(&self) -> Option<&Destination> {
        let mut destinations = self.server.destinations.iter();
        let found = destinations.find(|status| status.destination.id == self.id)?;
        Some(&found.destination)
    }

    /// The service as it is after a change of all chosen destinations: `change` returns whether one stays.
    pub(crate) fn after(
        &self,
        chosen: &[Self],
        change: impl Fn(&mut Destination) -> bool,
    ) -> VirtualServerStatus {
        let mut after = self.server.clone();
        let is_chosen = |status: &DestinationStatus| {
            let (service, id) = (self.service(), status.destination.id);
            chosen
                .iter()
                .any(|it| it.service() == service && it.id == id)
        };
        after
            .destinations
            .retain_mut(|status| !is_chosen(status) || change(&mut status.destination));
        after
    }

    /// The options that name it.
    pub(crate) fn options(&self) -> String {
        format!("{} -r {}", AsOptions(self.service()), self.id)
    }
}

/// The plan that changes destinations: `change` returns whether a destination stays.
pub(crate) fn plan(chosen: &[Chosen], change: impl Fn(&mut Destination) -> bool) -> Plan {
    let changes = chosen.iter().filter_map(|it| {
        let (service, from) = (it.service(), *it.destination()?);
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
