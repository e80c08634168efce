use std::collections::HashMap;

use ipvs_sys::Committed;

use crate::netlink::Write;
use crate::netlink::errno::Request;
use crate::{
    Batch, Client, CommitReport, Destination, DestinationId, Error, OnError, Service, ServiceId,
    VirtualServer, WriteOutcome,
};

impl Client {
    /// Sends the writes of a batch, as many at once as the kernel's buffers hold, and reports the outcome
    /// of each.
    ///
    /// Nothing is sent twice. If answers are lost, sending stops, and the client reads the table to find
    /// out which unanswered writes were carried out. Each send and each such read waits for its answers as
    /// long as a single request.
    ///
    /// # Errors
    /// The report contains all errors. [`CommitReport::into_result`] converts it into a result.
    ///
    /// # Kernel
    /// `IPVS_CMD_NEW_SERVICE` and the other writes, several in one datagram, of which the last is
    /// acknowledged.
    ///
    /// # Examples
    /// See [`Batch`].
    pub fn commit(&mut self, batch: &mut Batch, on_error: OnError) -> CommitReport {
        let mut report = CommitReport::new(batch.len());
        let mut next = 0;
        while next < batch.requests.len() {
            let committed = match self.kernel.commit(&mut batch.requests, next) {
                Ok(committed) => committed,
                Err(error) => {
                    report.ended_by(Request::General.refused(error));
                    break;
                }
            };
            let Committed {
                sent,
                refused,
                answers,
                ..
            } = committed;
            let is_refused = !refused.is_empty();
            let refused = refused.into_iter().map(|(index, error)| {
                let error = match batch.write(index) {
                    Some(write) => write.refused(error),
                    None => Request::General.refused(error),
                };
                (index, WriteOutcome::Refused(error))
            });
            match answers {
                Ok(()) => report.sent(&sent, refused),
                Err(error) => {
                    let mut known: HashMap<_, _> = refused.collect();
                    let writes = sent.clone().map(|index| batch.write(index));
                    let found = self.look(writes);
                    let outcomes = sent.clone().zip(found);
                    let outcomes = outcomes
                        .map(|(index, found)| (index, known.remove(&index).unwrap_or(found)));
                    report.sent(&sent, outcomes.collect::<Vec<_>>());
                    report.ended_by(error.into());
                    break;
                }
            }
            if is_refused && on_error == OnError::Stop {
                break;
            }
            next = sent.end;
        }
        report
    }

    /// Compares the table with the result of each write. If the kernel does not answer, it is not asked
    /// again.
    fn look(&mut self, writes: impl Iterator<Item = Option<Write<'static>>>) -> Vec<WriteOutcome> {
        let mut seen = HashMap::new();
        let mut is_silent = false;
        let mut outcomes = Vec::new();
        for write in writes {
            let Some(write) = write else {
                outcomes.push(WriteOutcome::Unknown);
                continue;
            };
            let id = write.service();
            if !is_silent && !seen.contains_key(&id) {
                match self.read_whole(id) {
                    Ok(present) => {
                        seen.insert(id, present.map(Present::from));
                    }
                    Err(_) => is_silent = true,
                }
            }
            outcomes.push(match seen.get(&id) {
                Some(present) => write.found(present.as_ref()),
                None => WriteOutcome::Unknown,
            });
        }
        outcomes
    }

    /// Reads a service with its destinations, if it exists.
    pub(crate) fn read_whole(&mut self, id: ServiceId) -> Result<Option<VirtualServer>, Error> {
        let Some(status) = self.find_service(id)? else {
            return Ok(None);
        };
        let destinations = self.destinations_if_any(id)?.into_iter();
        let destinations = destinations.map(|status| status.destination);
        Ok(Some(VirtualServer::new(status.service, destinations)))
    }
}

/// An existing service.
struct Present {
    service: Service,
    destinations: HashMap<DestinationId, Destination>,
}

impl From<VirtualServer> for Present {
    fn from(server: VirtualServer) -> Self {
        let destinations = server.destinations.into_iter();
        Self {
            service: server.service,
            destinations: destinations.map(|it| (it.id, it)).collect(),
        }
    }
}

impl Write<'_> {
    fn service(&self) -> ServiceId {
        match self {
            Self::AddService(service) | Self::UpdateService(service) => service.id,
            Self::DeleteService(id)
            | Self::ZeroService(id)
            | Self::AddDestination(id, _)
            | Self::UpdateDestination(id, _)
            | Self::DeleteDestination(id, _) => *id,
        }
    }

    fn found(&self, present: Option<&Present>) -> WriteOutcome {
        let is_as_wanted = match self {
            Self::AddService(wanted) | Self::UpdateService(wanted) => {
                present.is_some_and(|present| present.service == **wanted)
            }
            Self::DeleteService(_) => present.is_none(),
            // Counters of 0 do not prove zeroing: there may have been no traffic.
            Self::ZeroService(_) => return WriteOutcome::Unknown,
            Self::AddDestination(_, wanted) | Self::UpdateDestination(_, wanted) => {
                present.is_some_and(|present| present.destinations.get(&wanted.id) == Some(wanted))
            }
            Self::DeleteDestination(_, id) => {
                present.is_none_or(|present| !present.destinations.contains_key(id))
            }
        };
        if is_as_wanted {
            WriteOutcome::FoundDone
        } else {
            WriteOutcome::FoundNotDone
        }
    }
}
