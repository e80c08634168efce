use std::collections::HashMap;

use crate::batch::Write;
use crate::{
    ApplyError, Batch, Change, Client, CommitReport, DestinationId, Error, OnError, Outcome, Plan,
    ServiceId,
};

/// How many changes are put into one batch: what a large plan costs in memory.
const WINDOW: usize = 1024;

impl Client {
    /// Makes the changes of a plan, or none: where one is refused, those that were made are undone.
    ///
    /// All of it is checked before the first change. The kernel has no transactions: others see the
    /// changes one by one, and what somebody else changed meanwhile may keep one from being undone.
    /// Changes are sent in [batches](Batch), so that some behind the refused one may have been made
    /// for a moment.
    ///
    /// Where answers are lost, what is there is read. Changes that are found made count as made.
    /// Those of which that cannot tell are not touched, and named.
    ///
    /// # Errors
    /// [`ApplyError`] names the change that was refused, and those that could not be undone.
    pub fn apply(&mut self, plan: &Plan) -> Result<(), ApplyError> {
        let changes = plan.changes();
        for change in changes {
            change
                .validate()
                .map_err(|invalid| refused(change, invalid.into(), vec![]))?;
        }
        let mut batch = Batch::new();
        let mut before = Vec::new();
        for window in windows(changes) {
            let Some(failure) = self.make_all(window, &mut batch) else {
                before.extend(window);
                continue;
            };
            before.extend(failure.made);
            let mut not_undone = self.undo_all(&before, &mut batch);
            let unsure = failure.unsure.into_iter();
            not_undone.extend(unsure.map(|change| (change.clone(), Error::AnswerLost)));
            return Err(refused(failure.change, failure.source, not_undone));
        }
        Ok(())
    }

    /// Makes changes that go together: several in a batch, or one that cannot.
    fn make_all<'a>(&mut self, changes: &'a [Change], batch: &mut Batch) -> Option<Failure<'a>> {
        let first = changes.first()?;
        let Some(writes) = writes(changes) else {
            return changes.iter().find_map(|change| self.make_one(change));
        };
        batch.clear();
        for (change, write) in changes.iter().zip(writes) {
            if let Err(source) = batch.push(write) {
                return Some(Failure::before_all(change, source));
            }
        }
        let report = self.commit(batch, OnError::Stop);
        if report.is_done() {
            return None;
        }
        let (made, unsure) = made(changes, &report);
        let mut outcomes = changes.iter().zip(report.outcomes());
        let failed = outcomes
            .find(|(_, outcome)| !matches!(outcome, Outcome::Done | Outcome::FoundDone))
            .map_or(first, |(change, _)| change);
        drop(outcomes);
        let source = report.into_result().err()?;
        Some(Failure {
            change: failed,
            source,
            made,
            unsure,
        })
    }

    fn make_one<'a>(&mut self, change: &'a Change) -> Option<Failure<'a>> {
        let source = self.make(change).err()?;
        let (mut made, mut unsure) = (Vec::new(), Vec::new());
        match change {
            _ if !source.is_outcome_unknown() => {}
            // Setting them back does no harm where they were never set.
            Change::SetTimeouts { .. } => made.push(change),
            _ => unsure.push(change),
        }
        Some(Failure {
            change,
            source,
            made,
            unsure,
        })
    }

    /// Undoes changes, the last one first; those that could not be, with the reason.
    fn undo_all(&mut self, made: &[&Change], batch: &mut Batch) -> Vec<(Change, Error)> {
        let inverses = made.iter().rev().map(|change| (*change).clone().inverse());
        let inverses: Vec<_> = inverses.collect();
        let mut changes = made.iter().rev();
        let mut not_undone = Vec::new();
        for window in windows(&inverses) {
            let errors = self.make_each(window, batch);
            for (change, error) in changes.by_ref().zip(errors) {
                not_undone.extend(error.map(|error| ((*change).clone(), error)));
            }
        }
        not_undone
    }

    /// Makes each change, whatever becomes of the others; the errors, in order.
    fn make_each(&mut self, changes: &[Change], batch: &mut Batch) -> Vec<Option<Error>> {
        let Some(writes) = writes(changes) else {
            return changes
                .iter()
                .map(|change| self.make(change).err())
                .collect();
        };
        batch.clear();
        for write in writes {
            if batch.push(write).is_err() {
                let errors = changes.iter().map(|change| self.make(change).err());
                return errors.collect();
            }
        }
        let report = self.commit(batch, OnError::GoOn);
        let outcomes = changes.iter().zip(report.into_outcomes());
        outcomes
            .map(|(change, outcome)| match outcome {
                Outcome::Done | Outcome::FoundDone => None,
                Outcome::Refused(error) => Some(error),
                Outcome::NotSent => self.make(change).err(),
                Outcome::FoundNotDone | Outcome::Unknown => Some(Error::AnswerLost),
            })
            .collect()
    }

    /// Without looking whether it makes sense: undoing gives back whatever was there.
    fn make(&mut self, change: &Change) -> Result<(), Error> {
        match change {
            Change::SetTimeouts { to, .. } => self.send_timeouts(to),
            Change::StartSyncDaemon(daemon) => self.send_sync_daemon(daemon),
            Change::StopSyncDaemon(daemon) => self.stop_sync_daemon(daemon.role),
            other => {
                let mut batch = Batch::new();
                if let Some(write) = other.write() {
                    batch.push(write)?;
                }
                self.commit(&mut batch, OnError::Stop).into_result()
            }
        }
    }
}

/// A plan that was not carried out.
struct Failure<'a> {
    change: &'a Change,
    source: Error,
    made: Vec<&'a Change>,
    /// Changes that may have been made, and must not be undone for a guess.
    unsure: Vec<&'a Change>,
}

impl<'a> Failure<'a> {
    fn before_all(change: &'a Change, source: Error) -> Self {
        Self {
            change,
            source,
            made: Vec::new(),
            unsure: Vec::new(),
        }
    }
}

/// Which of these changes were made, and of which that is not sure.
fn made<'a>(changes: &'a [Change], report: &CommitReport) -> (Vec<&'a Change>, Vec<&'a Change>) {
    let mut times_named: HashMap<_, usize> = HashMap::new();
    for change in changes {
        *times_named.entry(change.subject()).or_default() += 1;
    }
    // What another change of these touches as well does not tell which of them was made.
    let is_alone = |change: &Change| times_named.get(&change.subject()) == Some(&1);
    let (mut made, mut unsure) = (Vec::new(), Vec::new());
    for (change, outcome) in changes.iter().zip(report.outcomes()) {
        match outcome {
            Outcome::Done => made.push(change),
            // The same may have been there before.
            Outcome::FoundDone if is_alone(change) && !change.adds() => {
                made.push(change);
            }
            Outcome::FoundDone | Outcome::Unknown => unsure.push(change),
            Outcome::FoundNotDone if !is_alone(change) => unsure.push(change),
            Outcome::FoundNotDone | Outcome::Refused(_) | Outcome::NotSent => {}
        }
    }
    (made, unsure)
}

/// Changes that can be sent together; those that cannot, one by one.
fn windows(changes: &[Change]) -> impl Iterator<Item = &[Change]> {
    changes
        .chunk_by(|one, next| !one.goes_by_itself() && !next.goes_by_itself())
        .flat_map(|together| together.chunks(WINDOW))
}

fn writes(changes: &[Change]) -> Option<Vec<Write>> {
    changes.iter().map(Change::write).collect()
}

fn refused(change: &Change, source: Error, not_undone: Vec<(Change, Error)>) -> ApplyError {
    ApplyError {
        change: Box::new(change.clone()),
        source,
        not_undone,
    }
}

impl Change {
    fn goes_by_itself(&self) -> bool {
        matches!(
            self,
            Self::SetTimeouts { .. } | Self::StartSyncDaemon(_) | Self::StopSyncDaemon(_)
        )
    }

    fn adds(&self) -> bool {
        matches!(self, Self::AddService(_) | Self::AddDestination { .. })
    }

    /// What it is about, as far as that is of a service.
    fn subject(&self) -> Option<(ServiceId, Option<DestinationId>)> {
        match self {
            Self::AddService(service) | Self::DeleteService(service) => Some((service.id, None)),
            Self::UpdateService { to, .. } => Some((to.id, None)),
            Self::AddDestination {
                service,
                destination,
            }
            | Self::UpdateDestination {
                service,
                to: destination,
                ..
            }
            | Self::DeleteDestination {
                service,
                destination,
            } => Some((*service, Some(destination.id))),
            Self::SetTimeouts { .. } | Self::StartSyncDaemon(_) | Self::StopSyncDaemon(_) => None,
        }
    }

    /// What a batch does for it; `None` of what goes by itself.
    fn write(&self) -> Option<Write> {
        Some(match self {
            Self::AddService(service) => Write::AddService(Box::new(service.clone())),
            Self::UpdateService { to, .. } => Write::UpdateService(to.clone()),
            Self::DeleteService(service) => Write::DeleteService(service.id),
            Self::AddDestination {
                service,
                destination,
            } => Write::AddDestination(*service, *destination),
            Self::UpdateDestination { service, to, .. } => Write::UpdateDestination(*service, *to),
            Self::DeleteDestination {
                service,
                destination,
            } => Write::DeleteDestination(*service, destination.id),
            Self::SetTimeouts { .. } | Self::StartSyncDaemon(_) | Self::StopSyncDaemon(_) => {
                return None;
            }
        })
    }
}
