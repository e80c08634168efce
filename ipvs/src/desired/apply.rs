mod deletions;
mod each;
mod error;

pub use each::{EachReport, PartOutcome, PlanPart};
pub use error::{ApplyError, RestoreError};

use std::collections::HashMap;
use std::iter::Peekable;

use crate::{
    Batch, Change, Client, CommitReport, Difference, Error, Invalid, NewServices, OnError, Plan,
    Service, Table, WriteOutcome,
};

/// Number of changes per batch, which bounds the memory for a large plan. Larger batches are no faster
/// per change, and allocating their memory takes longer than another send.
const WINDOW: usize = 512;

impl Client {
    /// Applies a plan completely or not at all: if a change is refused, those before it are undone.
    ///
    /// The whole plan is validated before the first change. The kernel has no transactions: others see the
    /// changes one by one, and a change by another program may prevent undoing one.
    /// Changes are sent in [batches](Batch), so that some after the refused one may have been made
    /// for a moment.
    ///
    /// Before a service is deleted, its destinations are deleted one by one, whether the plan names them or
    /// not. If a later change is refused, the service is restored with all of them.
    ///
    /// If answers are lost, the table is read. Changes that are found in it count as made. Changes whose
    /// outcome the table does not show are left alone and named in the error.
    ///
    /// # Errors
    /// [`ApplyError`] names the change that was refused, and those that could not be undone.
    pub fn apply(&mut self, plan: &Plan) -> Result<(), ApplyError> {
        for change in plan.changes() {
            change
                .validate()
                .and_then(|()| change.check_effect(|service| self.check_effect(service)))
                .map_err(|invalid| ApplyError::new(change.clone(), invalid.into(), vec![]))?;
        }
        let deletes = |change: &Change| matches!(change, Change::DeleteService(_));
        if !plan.changes().iter().any(deletes) {
            return self
                .make_or_undo(|| plan.changes().iter().cloned())
                .map(drop);
        }
        let changes = self.with_all_deletions(plan)?;
        self.make_or_undo(|| changes.iter().cloned()).map(drop)
    }

    /// Restores the services, timeouts and sync daemons of a table. It reads the [current
    /// table](Self::table) and [applies](Self::apply) the difference, which is never in memory as a whole.
    /// Services and daemons that the table does not name are left unchanged. Returns the number of changes.
    ///
    /// An [ineffective](crate::Service::ineffective) service that is there already does not stand in the way.
    ///
    /// # Errors
    /// [`RestoreError`]: either nothing was begun, or everything was undone except what the error names.
    /// One that names [`Invalid::Ineffective`] is about a service that would be new, or that the table makes
    /// ineffective; [`set_ineffective_services`](Self::set_ineffective_services) can change this.
    ///
    /// # Examples
    /// ```no_run
    /// use ipvs::{Client, NewServices, Table};
    ///
    /// # fn example(wanted: &Table) -> Result<(), ipvs::RestoreError> {
    /// let mut ipvs = Client::open()?;
    /// let changes = ipvs.restore(wanted, NewServices::ScheduledFirst)?;
    /// println!("as it should be, after {changes} changes");
    /// # Ok(())
    /// # }
    /// ```
    pub fn restore(
        &mut self,
        wanted: &Table,
        new_services: NewServices,
    ) -> Result<usize, RestoreError> {
        wanted.validate().map_err(Error::from)?;
        let live = self.table()?;
        let difference = Difference::between(&live, wanted).new_services(new_services);
        self.check_effects(wanted, difference)
            .map_err(Error::from)?;
        Ok(self.make_or_undo(|| difference.changes())?)
    }

    /// Applies a difference completely or not at all, like [`apply`](Self::apply), and returns the number
    /// of changes.
    ///
    /// [`restore`](Self::restore) does this with the current table. Use this method to show the changes
    /// before they are made, or to delete what the wanted table does not name.
    ///
    /// # Errors
    /// [`ApplyError`] names the change that was refused, and those that could not be undone.
    ///
    /// # Examples
    /// ```no_run
    /// use ipvs::{Client, Difference, Others, Table};
    ///
    /// # fn example(wanted: &Table) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut ipvs = Client::open()?;
    /// let live = ipvs.table()?;
    /// let difference = Difference::between(&live, wanted).others(Others::Delete);
    /// for change in difference.changes() {
    ///     println!("{change}");
    /// }
    /// ipvs.apply_difference(difference)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn apply_difference(&mut self, difference: Difference<'_>) -> Result<usize, ApplyError> {
        self.check_difference(difference)?;
        self.make_or_undo(|| difference.changes())
    }

    /// Checks a difference as [`apply_difference`](Self::apply_difference) does before the first change,
    /// and changes nothing. Returns the number of changes. The kernel may still refuse one of them.
    ///
    /// # Errors
    /// [`ApplyError`] names the first change that would be refused.
    pub fn check_difference(&self, difference: Difference<'_>) -> Result<usize, ApplyError> {
        let mut count = 0;
        for change in difference.changes() {
            let checked = change
                .validate()
                .and_then(|()| change.check_effect(|service| self.check_effect(service)));
            if let Err(invalid) = checked {
                return Err(ApplyError::new(change, invalid.into(), vec![]));
            }
            count += 1;
        }
        Ok(count)
    }

    /// Refuses a difference that adds an ineffective service or makes one so. A table without ineffective
    /// services, which is the usual one, is not compared for this.
    fn check_effects(&self, wanted: &Table, difference: Difference<'_>) -> Result<(), Invalid> {
        let check = |service: &Service| self.check_effect(service);
        let mut services = wanted.virtual_servers.iter().map(|server| &server.service);
        if services.all(|service| check(service).is_ok()) {
            return Ok(());
        }
        difference
            .changes()
            .try_for_each(|change| change.check_effect(check))
    }

    /// Makes all changes or none, and returns their number. To undo them, the changes are iterated again.
    fn make_or_undo<I>(&mut self, changes: impl Fn() -> I) -> Result<usize, ApplyError>
    where
        I: Iterator<Item = Change>,
    {
        let mut batch = Batch::with_capacity(WINDOW);
        let mut to_make = changes().peekable();
        let mut made = 0;
        loop {
            let step = next_step(&mut to_make, &mut batch);
            let count = batch.len().max(1);
            let failure = match step {
                Step::End => return Ok(made),
                Step::Together => {
                    let report = self.commit(&mut batch, OnError::Stop);
                    if report.is_done() {
                        None
                    } else {
                        let together: Vec<_> = changes().skip(made).take(count).collect();
                        Failure::in_batch(&together, report)
                    }
                }
                Step::Alone(change) => {
                    let refused = self.make(&change).err();
                    refused.map(|source| Failure::alone(change, source))
                }
                Step::Unfit(change, source) => Some(Failure::before_all(change, source)),
            };
            let Some(failure) = failure else {
                made += count;
                continue;
            };
            let before = changes().take(made).chain(failure.made).collect();
            let mut not_undone = self.undo_all(before, &mut batch);
            let unsure = failure.unsure.into_iter();
            not_undone.extend(unsure.map(|change| (change, Error::AnswerLost)));
            return Err(ApplyError::new(failure.change, failure.source, not_undone));
        }
    }

    /// Undoes changes, the last one first. Returns those that could not be undone, with the reason.
    fn undo_all(&mut self, made: Vec<Change>, batch: &mut Batch) -> Vec<(Change, Error)> {
        let inverses: Vec<_> = made.iter().rev().cloned().map(Change::inverse).collect();
        let mut changes = made.into_iter().rev();
        let mut not_undone = Vec::new();
        for window in windows(&inverses) {
            let errors = self.make_each(window, batch);
            for (change, error) in changes.by_ref().zip(errors) {
                not_undone.extend(error.map(|error| (change, error)));
            }
        }
        not_undone
    }

    /// Makes each change, whether or not others fail. Returns the errors in order.
    fn make_each(&mut self, changes: &[Change], batch: &mut Batch) -> Vec<Option<Error>> {
        batch.clear();
        let is_batch = changes.iter().all(|change| {
            let write = change.write();
            write.is_some_and(|write| batch.push(&write).is_ok())
        });
        if !is_batch {
            let errors = changes.iter().map(|change| self.make(change).err());
            return errors.collect();
        }
        let report = self.commit(batch, OnError::GoOn);
        let outcomes = changes.iter().zip(report.into_outcomes());
        outcomes
            .map(|(change, outcome)| match outcome {
                WriteOutcome::Done | WriteOutcome::FoundDone => None,
                WriteOutcome::Refused(error) => Some(error),
                WriteOutcome::NotSent => self.make(change).err(),
                WriteOutcome::FoundNotDone | WriteOutcome::Unknown => Some(Error::AnswerLost),
            })
            .collect()
    }

    /// Skips validation: undoing restores whatever was there.
    fn make(&mut self, change: &Change) -> Result<(), Error> {
        match change {
            Change::SetTimeouts { to, .. } => self.send_timeouts(to),
            Change::StartSyncDaemon(daemon) => self.send_sync_daemon(daemon),
            Change::StopSyncDaemon(daemon) => self.stop_sync_daemon(daemon.role),
            other => {
                let mut batch = Batch::new();
                if let Some(write) = other.write() {
                    batch.push(&write)?;
                }
                self.commit(&mut batch, OnError::Stop).into_result()
            }
        }
    }
}

/// The next step.
enum Step {
    /// Commit the batch.
    Together,
    /// Make a change that a batch cannot contain.
    Alone(Change),
    /// Report a change that cannot be encoded.
    Unfit(Change, Error),
    End,
}

/// Puts the next changes that a batch can contain into the batch.
fn next_step(changes: &mut Peekable<impl Iterator<Item = Change>>, batch: &mut Batch) -> Step {
    batch.clear();
    while batch.len() < WINDOW {
        let Some(write) = changes.peek().and_then(Change::write) else {
            break;
        };
        let pushed = batch.push(&write);
        if let (Err(source), Some(change)) = (pushed, changes.next()) {
            return Step::Unfit(change, source);
        }
    }
    if batch.is_empty() {
        changes.next().map_or(Step::End, Step::Alone)
    } else {
        Step::Together
    }
}

/// A plan that was not carried out.
struct Failure {
    change: Change,
    source: Error,
    /// The changes that were sent together with it.
    made: Vec<Change>,
    /// Changes that may have been made. They must not be undone on a guess.
    unsure: Vec<Change>,
}

impl Failure {
    fn before_all(change: Change, source: Error) -> Self {
        Self {
            change,
            source,
            made: Vec::new(),
            unsure: Vec::new(),
        }
    }

    fn alone(change: Change, source: Error) -> Self {
        let (mut made, mut unsure) = (Vec::new(), Vec::new());
        match change {
            _ if !source.is_outcome_unknown() => {}
            // Restoring the old timeouts is harmless if they were never changed.
            Change::SetTimeouts { .. } => made.push(change.clone()),
            _ => unsure.push(change.clone()),
        }
        Self {
            change,
            source,
            made,
            unsure,
        }
    }

    /// For changes that were sent together.
    fn in_batch(changes: &[Change], report: CommitReport) -> Option<Self> {
        let (made, unsure) = made(changes, &report);
        let mut outcomes = changes.iter().zip(report.outcomes());
        let (change, _) = outcomes.find(|(_, outcome)| {
            !matches!(outcome, WriteOutcome::Done | WriteOutcome::FoundDone)
        })?;
        drop(outcomes);
        Some(Self {
            change: change.clone(),
            source: report.into_result().err()?,
            made,
            unsure,
        })
    }
}

/// Returns which of the changes were made and which are uncertain.
fn made(changes: &[Change], report: &CommitReport) -> (Vec<Change>, Vec<Change>) {
    let mut times_named: HashMap<_, usize> = HashMap::new();
    for change in changes {
        *times_named.entry(change.subject()).or_default() += 1;
    }
    // If another change touches the same object, the table does not tell which of them was made.
    let is_alone = |change: &Change| times_named.get(&change.subject()) == Some(&1);
    let (mut made, mut unsure) = (Vec::new(), Vec::new());
    for (change, outcome) in changes.iter().zip(report.outcomes()) {
        match outcome {
            WriteOutcome::Done => made.push(change.clone()),
            // The object may have been the same before.
            WriteOutcome::FoundDone if is_alone(change) && !change.adds() => {
                made.push(change.clone());
            }
            WriteOutcome::FoundDone | WriteOutcome::Unknown => unsure.push(change.clone()),
            WriteOutcome::FoundNotDone if !is_alone(change) => unsure.push(change.clone()),
            WriteOutcome::FoundNotDone | WriteOutcome::Refused(_) | WriteOutcome::NotSent => {}
        }
    }
    (made, unsure)
}

/// Splits changes into groups that can be sent together, and single ones that cannot.
fn windows(changes: &[Change]) -> impl Iterator<Item = &[Change]> {
    changes
        .chunk_by(|one, next| one.write().is_some() && next.write().is_some())
        .flat_map(|together| together.chunks(WINDOW))
}
