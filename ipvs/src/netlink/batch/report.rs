use std::ops::Range;

use crate::Error;

/// What to do with the rest of a batch when a write is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnError {
    /// Stop sending. The kernel still carries out later writes in the same send.
    Stop,
    /// Send the rest.
    GoOn,
}

/// The outcome of a batch, from [`Client::commit`](crate::Client::commit).
#[derive(Debug)]
#[must_use = "a write that was refused shows nowhere else"]
pub struct CommitReport {
    /// Number of writes in the batch.
    len: usize,
    /// Index of the first write that was not sent.
    sent: usize,
    /// The outcomes of sent writes that did not simply succeed, in order.
    others: Vec<(usize, WriteOutcome)>,
    error: Option<Error>,
}

/// The outcome of one write of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteOutcome {
    /// The kernel carried out the write.
    Done,
    /// The kernel refused the write, which changed nothing.
    Refused(Error),
    /// The answer was lost. The table is as the write would have made it.
    FoundDone,
    /// The answer was lost. The table is not as the write would have made it.
    FoundNotDone,
    /// The answer was lost, and the table does not show whether the write was carried out.
    Unknown,
    /// The write was not sent.
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

    /// Records a send in which all writes except those in `refused` were carried out.
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

    /// Returns whether every write was carried out.
    pub fn is_done(&self) -> bool {
        self.done() == self.len
    }

    /// Returns the number of writes that were carried out, including those found in the table after
    /// their answer was lost.
    pub fn done(&self) -> usize {
        let is_done = |outcome: &&WriteOutcome| {
            matches!(outcome, WriteOutcome::Done | WriteOutcome::FoundDone)
        };
        self.outcomes().filter(is_done).count()
    }

    /// Returns the outcome of each write, in order.
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

    /// Returns the refused writes with the reason.
    pub fn refused(&self) -> impl Iterator<Item = (usize, &Error)> {
        self.others
            .iter()
            .filter_map(|(index, outcome)| match outcome {
                WriteOutcome::Refused(error) => Some((*index, error)),
                _ => None,
            })
    }

    /// Returns why answers were lost or sending stopped. A refused write is not such a reason.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// Converts the report into an error, unless every write was carried out.
    ///
    /// # Errors
    /// The reason of the first refused write, or the reason why answers were lost or sending stopped.
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
