use std::io::{self, Write};

use lbnet::{Host, Locked, Released, Report, Role, SetUp};

use super::asking::Asking;
use super::repeats::{self, Repeats};
use crate::ending::{self, Ended, Failure};
use crate::session::Session;
use crate::session::uninterrupted::Uninterrupted;

/// Sets the host up, after it has asked the network whether other hosts have the new virtual IPs.
pub(crate) fn set_up_all(
    session: &mut Session<'_>,
    repeats: Repeats,
    set_ups: &[SetUp],
) -> Result<Ended, Failure> {
    on_host(
        session,
        repeats,
        async |host: &Host| lock_after_asking(host, set_ups).await,
        set_ups,
        async |locked, set_up| locked.up(set_up).await,
    )
}

/// Shows progress while the network is asked.
async fn lock_after_asking<'host>(
    host: &'host Host,
    set_ups: &[SetUp],
) -> Result<Locked<'host>, lbnet::Error> {
    let prepared = host.prepare(set_ups).await?;
    let asking = Asking::show(&prepared);
    let locked = prepared.lock().await;
    asking.end();
    locked
}

/// Undoes set-ups, the last one first, in the way that `undo` does it.
pub(crate) fn undo_each<T>(
    session: &mut Session<'_>,
    mut set_ups: Vec<T>,
    undo: impl AsyncFnMut(&mut Locked<'_>, &T) -> Result<(), lbnet::Error>,
) -> Result<Ended, Failure> {
    set_ups.reverse();
    on_host(session, Repeats::Background, Host::lock, &set_ups, undo)
}

/// Does something with each set-up in turn, on a runtime of its own, and prints the steps. If one set-up
/// fails, the steps of those before it are still printed. One that is undone in part does not keep the
/// others from being undone.
///
/// Ctrl-C ends the program while it asks the network, or waits for another program that changes this
/// host. After that, it waits until the work is done and the new virtual IPs are announced.
fn on_host<T>(
    session: &mut Session<'_>,
    repeats: Repeats,
    lock: impl AsyncFnOnce(&Host) -> Result<Locked<'_>, lbnet::Error>,
    set_ups: &[T],
    mut work: impl AsyncFnMut(&mut Locked<'_>, &T) -> Result<(), lbnet::Error>,
) -> Result<Ended, Failure> {
    let worked: Result<_, Failure> = lbnet::block_on(async {
        let host = session.host()?;
        let mut locked = lock(&host).await?;
        let uninterrupted = Uninterrupted::begin()?;
        let mut worked = Ok(());
        let mut left = Vec::new();
        for set_up in set_ups {
            match work(&mut locked, set_up).await {
                Ok(()) => {}
                Err(error @ lbnet::Error::UndoneInPart { .. }) => left.push(error),
                Err(error) => {
                    worked = Err(error);
                    break;
                }
            }
        }
        let before_announcing = locked.report().clone();
        let (done, worked) = match announce(locked, repeats).await {
            Ok(done) => (done, worked),
            Err(error) => (
                Announced::not_all(before_announcing),
                worked.and(Err(error)),
            ),
        };
        Ok((done, worked, left, uninterrupted))
    })?;
    let (done, worked, left, _uninterrupted) = worked?;
    if done.is_to_be_repeated {
        repeats::in_background(session.netns());
    }
    if worked.is_ok() || !done.report.steps().is_empty() {
        session.show(&done.report, print)?;
        // A signal that was held back ends the program right after this.
        session.flush()?;
    }
    for error in &left {
        ending::report(error);
    }
    worked?;
    Ok(if left.is_empty() {
        Ended::Done
    } else {
        Ended::InPart
    })
}

struct Announced {
    report: Report,
    is_to_be_repeated: bool,
}

impl Announced {
    fn not_all(report: Report) -> Self {
        Self {
            report,
            is_to_be_repeated: false,
        }
    }
}

async fn announce(locked: Locked<'_>, repeats: Repeats) -> Result<Announced, lbnet::Error> {
    let released: Released<'_> = locked.release_early().await?;
    Ok(match repeats {
        Repeats::Background => Announced {
            report: released.report(),
            is_to_be_repeated: released.has_repeats(),
        },
        Repeats::Waited => Announced {
            report: released.finish().await?,
            is_to_be_repeated: false,
        },
    })
}

/// Sends the announcements that are due, and prints them.
pub(crate) fn announce_due(session: &mut Session<'_>) -> Result<Ended, Failure> {
    let announced: Result<_, lbnet::Error> =
        lbnet::block_on(async { session.host()?.announce_due().await })?;
    Ended::of(session.show(&announced?, print))
}

/// Undoes every set-up of a role, the last one first.
pub(crate) fn undo_all(session: &mut Session<'_>, role: Role) -> Result<Ended, Failure> {
    let ids: Result<_, lbnet::Error> = lbnet::block_on(async { session.host()?.set_up_ids() })?;
    let mut ids = ids?;
    ids.retain(|id| id.role == role);
    undo_each(session, ids, async |locked, id| locked.undo(id).await)
}

/// Prints the steps in order, one a line.
fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for step in report.steps() {
        writeln!(out, "{step}")?;
    }
    Ok(())
}
