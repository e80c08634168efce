use std::ops::Range;

use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST, NLMSG_ERROR, NLMSG_OVERRUN};
use nix::errno::Errno;

use super::{Conversation, answered, sending_failed};
use crate::frame::{Frame, Header, frames};
use crate::{Batch, Error, ExtAck};

/// The result of one send, returned by [`Conversation::commit`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Committed {
    /// The requests of the batch that were sent. The kernel worked through all of them in order.
    pub sent: Range<usize>,
    /// The refused requests with the reason, in order.
    pub refused: Vec<(usize, Error)>,
    /// An error if answers were lost or late. Then a request that is not among the refused ones may or
    /// may not have been carried out.
    pub answers: Result<(), Error>,
}

impl Conversation {
    /// Sends the requests of a batch from index `first` on, as many as fit into one send, and waits until
    /// the kernel has worked through them. A refused request does not stop those after it.
    ///
    /// The kernel acknowledges only the last request; a request that is not refused before that was
    /// carried out. A send is limited so that the answers fit into the receive buffer even if the kernel
    /// refuses every request.
    ///
    /// # Errors
    /// [`Error::Socket`] and [`Error::FamilyNotFound`]. In both cases nothing was sent.
    ///
    /// # Examples
    /// ```no_run
    /// use ipvs_sys::{Batch, Conversation};
    ///
    /// # fn example(kernel: &mut Conversation, batch: &mut Batch) -> Result<(), ipvs_sys::Error> {
    /// let mut next = 0;
    /// while next < batch.len() {
    ///     let committed = kernel.commit(batch, next)?;
    ///     for (index, error) in &committed.refused {
    ///         println!("request {index}: {error}");
    ///     }
    ///     committed.answers?;
    ///     next = committed.sent.end;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn commit(&mut self, batch: &mut Batch, first: usize) -> Result<Committed, Error> {
        let mut count = batch.len().saturating_sub(first);
        // A single request fits without larger buffers.
        if count > 1 {
            let limits = self.transport.limits();
            let fitting = batch.fitting(first, limits.bytes);
            count = fitting.min(limits.answers.max(1));
        }
        loop {
            let sent = first..first + count;
            if sent.is_empty() {
                return Ok(Committed {
                    sent,
                    refused: Vec::new(),
                    answers: Ok(()),
                });
            }
            match self.send_requests(batch, sent.clone()) {
                Ok(()) => {}
                // The send buffer is smaller than reported. The kernel did nothing.
                Err(Error::Socket { source, .. })
                    if source.raw_os_error() == Some(Errno::EMSGSIZE as i32) && count > 1 =>
                {
                    count /= 2;
                    continue;
                }
                Err(error) => return Err(error),
            }
            let committed = self.receive_outcomes(sent);
            if !(committed.is_about_family() && self.has_other_number()?) {
                return Ok(committed);
            }
        }
    }

    fn send_requests(&mut self, batch: &mut Batch, requests: Range<usize>) -> Result<(), Error> {
        let last = requests.end.saturating_sub(1);
        let datagram = batch.datagram(requests, |index| {
            self.sequence = self.sequence.wrapping_add(1);
            Header {
                kind: self.family,
                flags: if index == last {
                    NLM_F_REQUEST | NLM_F_ACK
                } else {
                    NLM_F_REQUEST
                },
                sequence: self.sequence,
            }
        });
        self.transport.send(datagram).map_err(sending_failed)
    }

    /// Reads until the answer to the last of the requests in `sent`.
    fn receive_outcomes(&mut self, sent: Range<usize>) -> Committed {
        let mut refused = Vec::new();
        let answers = self.receive_refusals(&sent, &mut refused);
        // Nothing keeps a peer from answering twice, or in another order. The first answer counts.
        refused.sort_by_key(|(index, _)| *index);
        refused.dedup_by_key(|(index, _)| *index);
        Committed {
            sent,
            refused,
            answers,
        }
    }

    fn receive_refusals(
        &mut self,
        sent: &Range<usize>,
        refused: &mut Vec<(usize, Error)>,
    ) -> Result<(), Error> {
        let mut deadline = self.deadline();
        loop {
            let length = match self.receive(&mut deadline) {
                Ok(length) => length,
                // The answers that did fit into the buffer follow the error.
                Err(Error::Overrun) => {
                    self.hear_out(|frame, last| {
                        let outcome = outcome(frame, last, sent);
                        refused.extend(outcome.ok().and_then(|outcome| outcome.refusal));
                    })?;
                    return Err(Error::Overrun);
                }
                Err(error) => return Err(error),
            };
            for frame in frames(self.answer.get(..length).unwrap_or_default()) {
                let frame = frame?;
                if frame.kind == NLMSG_OVERRUN {
                    return Err(Error::Overrun);
                }
                let Outcome { refusal, is_last } = outcome(&frame, self.sequence, sent)?;
                refused.extend(refusal);
                if is_last {
                    return Ok(());
                }
            }
            if deadline.is_over() {
                return Err(Error::TimedOut(self.patience));
            }
        }
    }
}

/// What a message says about the requests that were sent.
struct Outcome {
    refusal: Option<(usize, Error)>,
    /// Whether this is the last message about them.
    is_last: bool,
}

/// The last request has the sequence number `last`; earlier ones count down from there.
fn outcome(frame: &Frame<'_>, last: u32, sent: &Range<usize>) -> Result<Outcome, Error> {
    let behind = last.wrapping_sub(frame.sequence) as usize;
    if frame.kind != NLMSG_ERROR || behind >= sent.len() {
        return Ok(Outcome {
            refusal: None,
            is_last: false,
        });
    }
    let refusal = match answered(frame, ExtAck::after_error) {
        Ok(()) => None,
        Err(error) if error.errno().is_none() => return Err(error),
        Err(error) => Some((sent.end - 1 - behind, error)),
    };
    Ok(Outcome {
        refusal,
        is_last: behind == 0,
    })
}

impl Committed {
    /// Whether every request was refused with the errno of a stale family id. Then none was carried
    /// out.
    fn is_about_family(&self) -> bool {
        self.answers.is_ok()
            && self.refused.len() == self.sent.len()
            && self
                .refused
                .iter()
                .all(|(_, error)| error.errno() == Some(Errno::ENOENT))
    }
}
