use std::collections::{BTreeMap, HashMap};

use super::error::ApplyError;
use crate::{Change, Client, Destination, DestinationId, Plan, Service, VirtualServer};

impl Client {
    /// Returns the changes of a plan with one deletion per destination before each deleted service. The
    /// kernel would delete the destinations with the service, and undoing could not restore them.
    pub(super) fn with_all_deletions(&mut self, plan: &Plan) -> Result<Vec<Change>, ApplyError> {
        let mut present = HashMap::new();
        for change in plan.changes() {
            if let Change::DeleteService(service) = change {
                let server = self.read_whole(service.id);
                let server =
                    server.map_err(|error| ApplyError::new(change.clone(), error, vec![]))?;
                present.insert(service.id, Present::from(server));
            }
        }
        let mut changes = Vec::with_capacity(plan.changes().len());
        for change in plan.changes() {
            match change {
                Change::DeleteService(service) => {
                    let service = service.clone();
                    changes.extend(present.entry(service.id).or_default().delete(service));
                }
                change => {
                    if let Some(present) = change.service().and_then(|id| present.get_mut(&id)) {
                        present.after(change);
                    }
                    changes.push(change.clone());
                }
            }
        }
        Ok(changes)
    }
}

/// A service as the preceding changes leave it.
#[derive(Default)]
struct Present {
    service: Option<Service>,
    destinations: BTreeMap<DestinationId, Destination>,
}

impl From<Option<VirtualServer>> for Present {
    fn from(server: Option<VirtualServer>) -> Self {
        let Some(server) = server else {
            return Self::default();
        };
        let destinations = server.destinations.into_iter();
        Self {
            service: Some(server.service),
            destinations: destinations.map(|it| (it.id, it)).collect(),
        }
    }
}

impl Present {
    fn after(&mut self, change: &Change) {
        match change {
            Change::AddService(service) => self.service = Some(service.clone()),
            Change::UpdateService { to, .. } => self.service = Some(Service::clone(to)),
            Change::AddDestination { destination, .. }
            | Change::UpdateDestination {
                to: destination, ..
            } => {
                self.destinations.insert(destination.id, *destination);
            }
            Change::DeleteDestination { destination, .. } => {
                self.destinations.remove(&destination.id);
            }
            _ => {}
        }
    }

    /// Returns the changes that delete all of it. The kernel refuses to delete a missing service.
    fn delete(&mut self, named: Service) -> Vec<Change> {
        let service = named.id;
        let destinations = std::mem::take(&mut self.destinations).into_values();
        let mut changes: Vec<_> = destinations
            .map(|destination| Change::DeleteDestination {
                service,
                destination,
            })
            .collect();
        changes.push(Change::DeleteService(self.service.take().unwrap_or(named)));
        changes
    }
}
