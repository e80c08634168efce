mod change;
mod describe;
mod difference;

pub use change::Change;
pub use difference::{Difference, NewServices, Others};

use crate::Table;

/// The changes that turn one table into another, in the order in which they are made.
///
/// A plan contains only what differs. Deleting and adding everything again would cut connections and be
/// slow: the kernel keeps deleted destinations for minutes and searches them for each new one.
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
    /// Returns the changes that give the services of `wanted` their wanted configuration and destinations,
    /// set its timeouts and start its sync daemons. Services and daemons that `wanted` does not name are
    /// left unchanged.
    pub fn between(live: &Table, wanted: &Table) -> Self {
        Self::between_with(live, wanted, NewServices::ScheduledFirst)
    }

    /// Like [`between`](Self::between), with a choice of when new services get their schedulers.
    pub fn between_with(live: &Table, wanted: &Table, new_services: NewServices) -> Self {
        let difference = Difference::between(live, wanted).new_services(new_services);
        difference.changes().collect()
    }

    /// Returns the changes in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Returns whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Creates a plan from changes, such as a part of another plan, or deletions of services, which
/// [`Plan::between`] never makes.
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
