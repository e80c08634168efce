use ipvs_sys::Errno;

use crate::batch::Write;
use crate::{ApplyError, Batch, Change, Client, Error, OnError, Outcome, Plan};

/// How many changes are put into one batch: what a large plan costs in memory.
const WINDOW: usize = 4096;

impl Client {
    /// Makes the changes of a plan, or none: where one is refused, those that were made are undone.
    ///
    /// All of it is checked before the first change. The kernel has no transactions: others see the
    /// changes one by one, and what somebody else changed meanwhile may keep one from being undone.
    /// Changes are sent in [batches](Batch), so that some behind the refused one may have been made
    /// for a moment.
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
                before.extend(window.iter().map(Made::certainly));
                continue;
            };
            let made = before.into_iter().chain(failure.made);
            let not_undone = self.undo_all(made.collect(), &mut batch);
            return Err(refused(failure.change, failure.source, not_undone));
        }
        Ok(())
    }

    /// Makes changes that go together: several in a batch, or one that cannot.
    fn make_all<'a>(&mut self, changes: &'a [Change], batch: &mut Batch) -> Option<Failure<'a>> {
        let writes: Option<Vec<_>> = changes.iter().map(Change::write).collect();
        let (Some(writes), [first, ..]) = (writes, changes) else {
            return changes.iter().find_map(|change| self.make_one(change));
        };
        batch.clear();
        for write in writes {
            batch.push(write);
        }
        let report = self.commit(batch, OnError::Stop);
        if report.is_done() {
            return None;
        }
        let mut failed = None;
        let mut made = Vec::new();
        for (change, outcome) in changes.iter().zip(report.outcomes()) {
            match outcome {
                Outcome::Done | Outcome::FoundDone => made.push(Made::certainly(change)),
                Outcome::Unknown => made.push(Made::perhaps(change)),
                Outcome::Refused(_) => {
                    failed.get_or_insert(change);
                }
                Outcome::FoundNotDone | Outcome::NotSent => {}
            }
        }
        let source = report.into_result().err()?;
        let change = failed.unwrap_or(first);
        Some(Failure {
            change,
            source,
            made,
        })
    }

    fn make_one<'a>(&mut self, change: &'a Change) -> Option<Failure<'a>> {
        let source = self.make(change).err()?;
        let is_unknown = source.is_outcome_unknown();
        let made = is_unknown.then(|| Made::perhaps(change));
        Some(Failure {
            change,
            source,
            made: made.into_iter().collect(),
        })
    }

    /// Undoes changes, the last one first; those that could not be, with the reason.
    fn undo_all(&mut self, made: Vec<Made<'_>>, batch: &mut Batch) -> Vec<(Change, Error)> {
        let (changes, inverses): (Vec<_>, Vec<_>) = made
            .into_iter()
            .rev()
            .map(|made| (made, made.change.clone().inverse()))
            .unzip();
        let mut changes = changes.into_iter();
        let mut not_undone = Vec::new();
        for window in windows(&inverses) {
            let errors = self.make_each(window, batch);
            for (made, error) in changes.by_ref().zip(errors) {
                let was_never_made = |error: &Error| {
                    let errno = error.errno();
                    let is_as_before =
                        matches!(errno, Some(Errno::EEXIST | Errno::ENOENT | Errno::ESRCH));
                    !made.is_certain && is_as_before
                };
                if let Some(error) = error.filter(|error| !was_never_made(error)) {
                    not_undone.push((made.change.clone(), error));
                }
            }
        }
        not_undone
    }

    /// Makes each change, whatever becomes of the others; the errors, in order.
    fn make_each(&mut self, changes: &[Change], batch: &mut Batch) -> Vec<Option<Error>> {
        let writes: Option<Vec<_>> = changes.iter().map(Change::write).collect();
        let Some(writes) = writes else {
            return changes
                .iter()
                .map(|change| self.make(change).err())
                .collect();
        };
        batch.clear();
        for write in writes {
            batch.push(write);
        }
        let report = self.commit(batch, OnError::GoOn);
        let outcomes = changes.iter().zip(report.into_outcomes());
        outcomes
            .map(|(change, outcome)| match outcome {
                Outcome::Done | Outcome::FoundDone => None,
                Outcome::Refused(error) => Some(error),
                Outcome::FoundNotDone | Outcome::NotSent | Outcome::Unknown => {
                    self.make(change).err()
                }
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
                other
                    .write()
                    .into_iter()
                    .for_each(|write| batch.push(write));
                self.commit(&mut batch, OnError::Stop).into_result()
            }
        }
    }
}

/// A plan that was not carried out.
struct Failure<'a> {
    change: &'a Change,
    source: Error,
    made: Vec<Made<'a>>,
}

/// A change that is to be undone.
#[derive(Clone, Copy)]
struct Made<'a> {
    change: &'a Change,
    /// Where it may never have been made, there may be nothing to undo.
    is_certain: bool,
}

impl<'a> Made<'a> {
    fn certainly(change: &'a Change) -> Self {
        Self {
            change,
            is_certain: true,
        }
    }

    fn perhaps(change: &'a Change) -> Self {
        Self {
            change,
            is_certain: false,
        }
    }
}

/// Changes that can be sent together; those that cannot, one by one.
fn windows(changes: &[Change]) -> impl Iterator<Item = &[Change]> {
    changes
        .chunk_by(|one, next| !one.is_alone() && !next.is_alone())
        .flat_map(|together| together.chunks(WINDOW))
}

fn refused(change: &Change, source: Error, not_undone: Vec<(Change, Error)>) -> ApplyError {
    ApplyError {
        change: Box::new(change.clone()),
        source,
        not_undone,
    }
}

impl Change {
    /// Whether it goes by itself: what is not about a service is rare.
    fn is_alone(&self) -> bool {
        matches!(
            self,
            Self::SetTimeouts { .. } | Self::StartSyncDaemon(_) | Self::StopSyncDaemon(_)
        )
    }

    /// What a batch does for it; `None` of what goes by itself.
    fn write(&self) -> Option<Write> {
        Some(match self {
            Self::AddService(service) => Write::AddService(service.clone()),
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
