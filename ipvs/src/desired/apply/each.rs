use std::collections::HashMap;
use std::fmt;

use super::error::ApplyError;
use crate::{Change, Client, Plan, ServiceId, SyncRole};

impl Client {
    /// Makes the changes of a plan service by service. Where one is refused, those of the same service
    /// are undone, and those of the other services are made all the same.
    ///
    /// The timeouts and each sync daemon stand for themselves as a service does. Each part is applied
    /// as [`apply`](Self::apply) does it. Where answers are lost, no more is sent.
    ///
    /// # Errors
    /// None of its own: the report says which parts were refused.
    /// [`EachReport::into_result`] makes one of it.
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

/// What became of a part of a plan.
#[derive(Debug)]
#[non_exhaustive]
pub enum PartOutcome {
    /// All of its changes were made.
    Applied,
    /// A change was refused, and those of the same part were undone.
    Refused(ApplyError),
    /// Nothing of it was sent: answers to a part before it were lost.
    NotTried,
}

/// What became of a plan: [`Client::apply_each`].
#[derive(Debug)]
#[must_use = "a part that was refused shows nowhere else"]
pub struct EachReport {
    parts: Vec<(PlanPart, PartOutcome)>,
}

impl EachReport {
    /// Each part with its outcome, in the order of the plan.
    pub fn parts(&self) -> impl Iterator<Item = (PlanPart, &PartOutcome)> {
        self.parts.iter().map(|(part, outcome)| (*part, outcome))
    }

    /// The parts that were refused, with the reason.
    pub fn refused(&self) -> impl Iterator<Item = (PlanPart, &ApplyError)> {
        self.parts().filter_map(|(part, outcome)| match outcome {
            PartOutcome::Refused(error) => Some((part, error)),
            _ => None,
        })
    }

    /// Whether every part was applied.
    pub fn is_done(&self) -> bool {
        let mut outcomes = self.parts.iter();
        outcomes.all(|(_, outcome)| matches!(outcome, PartOutcome::Applied))
    }

    /// The first refusal, unless every part was applied.
    ///
    /// # Errors
    /// [`ApplyError`] of the first part that was refused. A part is left out only behind one.
    pub fn into_result(self) -> Result<(), ApplyError> {
        let mut outcomes = self.parts.into_iter();
        let refused = outcomes.find_map(|(_, outcome)| match outcome {
            PartOutcome::Refused(error) => Some(error),
            _ => None,
        });
        refused.map_or(Ok(()), Err)
    }
}

/// The parts in the order in which the plan comes to them.
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
