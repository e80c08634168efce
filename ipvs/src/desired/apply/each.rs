use std::collections::HashMap;
use std::fmt;

use super::error::ApplyError;
use crate::{Change, Client, Plan, ServiceId, SyncRole};

impl Client {
    /// Applies a plan service by service. If a change is refused, only the changes of the same service are
    /// undone; the other services are applied all the same.
    ///
    /// The timeouts and each sync daemon are separate parts, like services. Each part is applied as
    /// [`apply`](Self::apply) does it. If answers are lost, nothing more is sent.
    ///
    /// # Errors
    /// The report names the parts that were refused. [`EachReport::into_result`] converts it into a result.
    ///
    /// # Examples
    /// ```no_run
    /// use ipvs::{Client, Plan, Table};
    ///
    /// # fn example(wanted: &Table) -> Result<(), ipvs::Error> {
    /// let mut ipvs = Client::open()?;
    /// let plan = Plan::between(&ipvs.table()?, wanted);
    /// let report = ipvs.apply_each(&plan);
    /// for (part, error) in report.refused() {
    ///     eprintln!("{part} stays as it was: {error}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn apply_each(&mut self, plan: &Plan) -> EachReport {
        let mut parts = Vec::new();
        let mut is_lost = false;
        for (part, plan) in by_part(plan) {
            let outcome = if is_lost {
                PartOutcome::NotTried
            } else {
                match self.apply(&plan) {
                    Ok(()) => PartOutcome::Applied,
                    Err(error) => {
                        is_lost = error.source.is_outcome_unknown();
                        PartOutcome::Refused(error)
                    }
                }
            };
            parts.push((part, outcome));
        }
        EachReport { parts }
    }
}

/// A part of a plan that [`Client::apply_each`] applies as a whole or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlanPart {
    /// A service with its destinations.
    Service(ServiceId),
    /// The timeouts.
    Timeouts,
    /// The sync daemon in this role.
    SyncDaemon(SyncRole),
}

impl fmt::Display for PlanPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(id) => write!(f, "service {id}"),
            Self::Timeouts => f.write_str("timeouts"),
            Self::SyncDaemon(role) => write!(f, "{role} sync daemon"),
        }
    }
}

/// The outcome of a part of a plan.
#[derive(Debug)]
#[non_exhaustive]
pub enum PartOutcome {
    /// All changes of the part were made.
    Applied,
    /// A change was refused, and the other changes of the part were undone.
    Refused(ApplyError),
    /// The part was not sent, because answers to an earlier part were lost.
    NotTried,
}

/// The outcome of a plan, from [`Client::apply_each`].
#[derive(Debug)]
#[must_use = "a part that was refused shows nowhere else"]
pub struct EachReport {
    parts: Vec<(PlanPart, PartOutcome)>,
}

impl EachReport {
    /// Returns each part with its outcome, in the order of the plan.
    pub fn parts(&self) -> impl Iterator<Item = (PlanPart, &PartOutcome)> {
        self.parts.iter().map(|(part, outcome)| (*part, outcome))
    }

    /// Returns the refused parts with the reason.
    pub fn refused(&self) -> impl Iterator<Item = (PlanPart, &ApplyError)> {
        self.parts().filter_map(|(part, outcome)| match outcome {
            PartOutcome::Refused(error) => Some((part, error)),
            _ => None,
        })
    }

    /// Returns whether every part was applied.
    pub fn is_done(&self) -> bool {
        let mut outcomes = self.parts.iter();
        outcomes.all(|(_, outcome)| matches!(outcome, PartOutcome::Applied))
    }

    /// Converts the report into an error, unless every part was applied.
    ///
    /// # Errors
    /// The [`ApplyError`] of the first refused part. Parts are only skipped after a refused one.
    pub fn into_result(self) -> Result<(), ApplyError> {
        let mut outcomes = self.parts.into_iter();
        let refused = outcomes.find_map(|(_, outcome)| match outcome {
            PartOutcome::Refused(error) => Some(error),
            _ => None,
        });
        refused.map_or(Ok(()), Err)
    }
}

/// Returns the parts in the order in which they first occur in the plan.
fn by_part(plan: &Plan) -> Vec<(PlanPart, Plan)> {
    let mut places = HashMap::new();
    let mut parts: Vec<(PlanPart, Vec<Change>)> = Vec::new();
    for change in plan.changes() {
        let part = part(change);
        let place = *places.entry(part).or_insert(parts.len());
        match parts.get_mut(place) {
            Some((_, changes)) => changes.push(change.clone()),
            None => parts.push((part, vec![change.clone()])),
        }
    }
    let parts = parts.into_iter();
    parts
        .map(|(part, changes)| (part, changes.into_iter().collect()))
        .collect()
}

fn part(change: &Change) -> PlanPart {
    match change {
        Change::SetTimeouts { .. } => PlanPart::Timeouts,
        Change::StartSyncDaemon(daemon) | Change::StopSyncDaemon(daemon) => {
            PlanPart::SyncDaemon(daemon.role)
        }
        Change::AddService(service) | Change::DeleteService(service) => {
            PlanPart::Service(service.id)
        }
        Change::UpdateService { to, .. } => PlanPart::Service(to.id),
        Change::AddDestination { service, .. }
        | Change::UpdateDestination { service, .. }
        | Change::DeleteDestination { service, .. } => PlanPart::Service(*service),
    }
}
