use std::io::{self, Write};

use lbnet::{Host, Report, Role};

use crate::ending::Outcome;
use crate::session::Session;
use crate::session::uninterrupted::Uninterrupted;

/// Does something with each set-up in turn, on a runtime of its own, and prints the steps. If one set-up
/// fails, the steps of those before it are still printed.
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
        // A signal that was held back ends the program right after this.
        session.flush()?;
    }
    Ok(worked?)
}

/// Undoes every set-up of a role, the last one first.
pub(crate) fn undo_all(session: &mut Session<'_>, role: Role) -> Outcome {
    let ids: Result<_, lbnet::Error> = lbnet::block_on(async { session.host()?.set_up_ids() })?;
    let mut ids = ids?;
    ids.retain(|id| id.role == role);
    ids.reverse();
    on_host(session, &ids, async |host, id| host.undo(id).await)
}

/// Prints the steps in order, one a line.
fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for step in report.steps() {
        writeln!(out, "{step}")?;
    }
    Ok(())
}
