use std::ops::Range;

use crate::Error;

/// What to do with the rest of a batch when a write of it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// Sends no more. Writes behind the refused one that were in the same send are carried out all
    /// the same: the kernel does not stop there.
    Stop,
    /// Sends the rest.
    GoOn,
}

/// What became of the writes of a batch: [`Client::commit`](crate::Client::commit).
#[derive(Debug)]
#[must_use = "a write that was refused shows nowhere else"]
pub struct CommitReport {
    /// Of how many writes.
    len: usize,
    /// From which one on nothing was sent.
    sent: usize,
    /// Writes that were sent and are not simply done, in order.
    others: Vec<(usize, WriteOutcome)>,
    error: Option<Error>,
}

/// What became of one write of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteOutcome {
    /// It was carried out.
    Done,
    /// It was refused, and changed nothing.
    Refused(Error),
    /// Its answer was lost; what is there now is as it would have made it.
    FoundDone,
    /// Its answer was lost; what is there now is not as it would have made it.
    FoundNotDone,
    /// Its answer was lost, and what is there now cannot tell.
    Unknown,
    /// It was not sent.
    NotSent,
}

impl CommitReport {
    pub(crate) fn new(len: usize) -> Self {
        Self {
            len,
            sent: 0,
            others: Vec::new(),
            error: None,
        }
    }

    /// These were sent, and all but those that are named were carried out.
    pub(crate) fn sent(
        &mut self,
        sent: &Range<usize>,
        others: impl IntoIterator<Item = (usize, WriteOutcome)>,
    ) {
        self.sent = sent.end;
        self.others.extend(others);
    }

    pub(crate) fn ended_by(&mut self, error: Error) {
        self.error = Some(error);
    }

    /// Whether every write was carried out.
    pub fn is_done(&self) -> bool {
        self.done() == self.len
    }

    /// How many writes were carried out, those that were found to be among them.
    pub fn done(&self) -> usize {
        let is_done = |outcome: &&WriteOutcome| {
            matches!(outcome, WriteOutcome::Done | WriteOutcome::FoundDone)
        };
        self.outcomes().filter(is_done).count()
    }

    /// What became of each write, in order.
    pub fn outcomes(&self) -> impl Iterator<Item = &WriteOutcome> {
        let mut others = self.others.iter().peekable();
        (0..self.len).map(move |index| match others.next_if(|(it, _)| *it == index) {
            Some((_, outcome)) => outcome,
            None if index < self.sent => &WriteOutcome::Done,
            None => &WriteOutcome::NotSent,
        })
    }

    pub(crate) fn into_outcomes(self) -> impl Iterator<Item = WriteOutcome> {
        let (sent, mut others) = (self.sent, self.others.into_iter().peekable());
        (0..self.len).map(move |index| match others.next_if(|(it, _)| *it == index) {
            Some((_, outcome)) => outcome,
            None if index < sent => WriteOutcome::Done,
            None => WriteOutcome::NotSent,
        })
    }

    /// The writes that were refused, with the reason.
    pub fn refused(&self) -> impl Iterator<Item = (usize, &Error)> {
        self.others
            .iter()
            .filter_map(|(index, outcome)| match outcome {
                WriteOutcome::Refused(error) => Some((*index, error)),
                _ => None,
            })
    }

    /// Why answers were lost, or no more could be sent; not that a write was refused.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// The first thing that went wrong, unless every write was carried out.
    ///
    /// # Errors
    /// That: the reason of the first write that was refused, or why answers were lost or no more was
    /// sent.
    pub fn into_result(self) -> Result<(), Error> {
        if self.is_done() {
            return Ok(());
        }
        let refused = self
            .others
            .into_iter()
            .find_map(|(_, outcome)| match outcome {
                WriteOutcome::Refused(error) => Some(error),
                _ => None,
            });
        refused.or(self.error).map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_the_same_kept_or_taken() {
        let mut report = CommitReport::new(6);
        report.sent(
            &(0..4),
            [
                (1, WriteOutcome::Refused(Error::Unavailable)),
                (2, WriteOutcome::FoundDone),
            ],
        );
        let words = |outcome: &WriteOutcome| format!("{outcome:?}");
        let kept: Vec<_> = report.outcomes().map(words).collect();
        let refused = "Refused(Unavailable)";
        let expected = ["Done", refused, "FoundDone", "Done", "NotSent", "NotSent"];
        assert_eq!(kept, expected);
        assert_eq!((report.done(), report.is_done()), (3, false));
        let taken: Vec<_> = report.into_outcomes().map(|it| words(&it)).collect();
        assert_eq!(taken, expected);
    }
}
