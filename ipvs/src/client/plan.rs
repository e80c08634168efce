use ipvs_sys::{Command, Errno};

use crate::{ApplyError, Change, Client, Error, Plan};

impl Client {
    /// Makes the changes of a plan, or none: where one is refused, those before it are undone.
    ///
    /// All of it is checked before the first change. The kernel has no transactions: others see the
    /// changes one by one, and what somebody else changed meanwhile may keep one from being undone.
    ///
    /// # Errors
    /// [`ApplyError`] names the change that was refused, and those that could not be undone.
    pub fn apply(&mut self, plan: &Plan) -> Result<(), ApplyError> {
        let refused = |change: &Change, source, not_undone| ApplyError {
            change: Box::new(change.clone()),
            source,
            not_undone,
        };
        for change in plan.changes() {
            change
                .validate()
                .map_err(|invalid| refused(change, invalid.into(), vec![]))?;
        }
        for (done, change) in plan.changes().iter().enumerate() {
            if let Err(source) = self.make(change) {
                let mut not_undone = Vec::new();
                if source.is_outcome_unknown() {
                    not_undone.extend(self.undo_if_done(change));
                }
                let done = plan.changes().get(..done).unwrap_or_default();
                not_undone.extend(done.iter().rev().filter_map(|change| self.undo(change)));
                return Err(refused(change, source, not_undone));
            }
        }
        Ok(())
    }

    /// The change with the reason, where it cannot be undone.
    fn undo(&mut self, change: &Change) -> Option<(Change, Error)> {
        let error = self.make(&change.clone().inverse()).err()?;
        Some((change.clone(), error))
    }

    /// The same of a change that may not have been made: there is nothing to undo then.
    fn undo_if_done(&mut self, change: &Change) -> Option<(Change, Error)> {
        self.undo(change).filter(|(_, error)| {
            !matches!(
                error.errno(),
                Some(Errno::EEXIST | Errno::ENOENT | Errno::ESRCH)
            )
        })
    }

    /// Without looking whether it makes sense: undoing gives back whatever was there.
    fn make(&mut self, change: &Change) -> Result<(), Error> {
        match change {
            Change::SetTimeouts { to, .. } => self.send_timeouts(to),
            Change::AddService(service) => self.send_service(Command::NewService, service),
            Change::UpdateService { to, .. } => self.send_service(Command::SetService, to),
            Change::DeleteService(service) => self.delete_service(service.id),
            Change::AddDestination {
                service,
                destination,
            } => self.send_destination(Command::NewDest, *service, destination),
            Change::UpdateDestination { service, to, .. } => {
                self.send_destination(Command::SetDest, *service, to)
            }
            Change::DeleteDestination {
                service,
                destination,
            } => self.delete_destination(*service, destination.id),
            Change::StartSyncDaemon(daemon) => self.send_sync_daemon(daemon),
            Change::StopSyncDaemon(daemon) => self.stop_sync_daemon(daemon.role),
        }
    }
}
