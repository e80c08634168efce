mod change;
mod describe;
mod difference;

pub use change::Change;
pub use difference::NewServices;
pub(crate) use difference::difference;

use crate::Table;

/// The changes that lead from one table to another, in the order in which to make them.
///
/// Nothing that stays as it is occurs in it: the kernel keeps deleted destinations aside for
/// minutes and searches them for each new one, so that deleting and adding again is the slowest
/// way to change a table, and the one that costs connections.
///
/// # Examples
/// ```
/// use ipvs::{Destination, Endpoint, Plan, Service, Table, Timeouts, VirtualServer};
///
/// let service = Service::tcp("192.0.2.10:80".parse::<Endpoint>()?);
/// let server = Destination::new("198.51.100.7:80".parse::<Endpoint>()?);
/// let table = |weight| {
///     let server = VirtualServer::new(service.clone(), [server.weight(weight)]);
///     Table::new(Timeouts::default(), [server])
/// };
/// let plan = Plan::between(&table(1), &table(5));
/// assert_eq!(plan.changes().len(), 1);
/// assert!(Plan::between(&table(5), &table(5)).is_empty());
/// # Ok::<(), ipvs::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    changes: Vec<Change>,
}

impl Plan {
    /// What makes the services of `wanted` what they are there, destinations included, and sets the
    /// timeouts that it names and starts its sync daemons. Services and daemons that `wanted` does
    /// not name are left alone.
    pub fn between(live: &Table, wanted: &Table) -> Self {
        Self::between_with(live, wanted, NewServices::ScheduledFirst)
    }

    /// The same, where somebody chooses when new services get their schedulers.
    pub fn between_with(live: &Table, wanted: &Table, new_services: NewServices) -> Self {
        difference(live, wanted, new_services).collect()
    }

    /// The changes, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// A plan of one's own: a part of another one, or deletions, which [`Plan::between`] never makes
/// of services.
impl FromIterator<Change> for Plan {
    fn from_iter<I: IntoIterator<Item = Change>>(changes: I) -> Self {
        Self {
            changes: changes.into_iter().collect(),
        }
    }
}

impl IntoIterator for Plan {
    type Item = Change;
    type IntoIter = std::vec::IntoIter<Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.changes.into_iter()
    }
}
