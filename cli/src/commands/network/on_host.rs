use std::io::{self, Write};

use lbnet::{Host, Report, Role};

use crate::ending::Outcome;
use crate::session::Session;
use crate::session::uninterrupted::Uninterrupted;

/// Works on a host's network, one set-up after the other, on a runtime made for it. What was done is
/// printed, also if the next could not be.
pub(crate) fn on_host<T>(
    session: &mut Session<'_>,
    set_ups: &[T],
    mut work: impl AsyncFnMut(&Host, &T) -> Result<Report, lbnet::Error>,
) -> Outcome {
    let mut done = Report::default();
    let _uninterrupted = Uninterrupted::begin()?;
    let worked: Result<(), lbnet::Error> = lbnet::block_on(async {
        let host = session.host()?;
        for set_up in set_ups {
            done.extend(work(&host, set_up).await?);
        }
        Ok(())
    })?;
    if worked.is_ok() || !done.steps().is_empty() {
        session.show(&done, print)?;
        // A signal that had to wait ends the program as soon as it may.
        session.flush()?;
    }
    Ok(worked?)
}

/// Undoes all that was set up in a role, the last first.
pub(crate) fn undo_all(session: &mut Session<'_>, role: Role) -> Outcome {
    let ids: Result<_, lbnet::Error> = lbnet::block_on(async { session.host()?.set_up_ids() })?;
    let mut ids = ids?;
    ids.retain(|id| id.role == role);
    ids.reverse();
    on_host(session, &ids, async |host, id| host.undo(id).await)
}

/// What was done, in order, a step a line.
fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for step in report.steps() {
        writeln!(out, "{step}")?;
    }
    Ok(())
}
