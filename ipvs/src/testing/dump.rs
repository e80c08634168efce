//! Dumps: complete messages in several datagrams, and the end in a datagram of its own.

use ipvs_sys::IpvsMessage;
use netlink_packet_core::{NLM_F_MULTIPART, NetlinkHeader};

use super::answer;
use super::state::{Destination, Service, State};
use crate::ServiceId;

/// Limits of the size of a datagram, in bytes. Between them, the kernel uses the largest receive buffer
/// that the socket has offered so far.
const SMALLEST_PIECE: usize = 3776;
const LARGEST_PIECE: usize = 32448;

/// The table that is dumped.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dumped {
    Services,
    /// The destinations of a service. If the service does not exist, the dump is empty.
    Destinations(Option<ServiceId>),
    Daemons,
}

/// A dump in progress.
#[derive(Debug)]
pub(super) struct Dump {
    what: Dumped,
    request: NetlinkHeader,
    /// The number of entries sent so far. The kernel resumes by this count alone, so entries added or
    /// deleted during the dump shift the rest.
    passed: usize,
}

impl Dump {
    pub(super) fn new(what: Dumped, request: NetlinkHeader) -> Self {
        Self {
            what,
            request,
            passed: 0,
        }
    }

    /// The next datagram, or `None` at the end.
    pub(super) fn next(&mut self, state: &State, offered: usize) -> Option<Vec<u8>> {
        let room = offered.clamp(SMALLEST_PIECE, LARGEST_PIECE);
        let mut piece = Vec::new();
        for entry in self.what.entries(state).skip(self.passed) {
            let message = answer::message(&self.request, NLM_F_MULTIPART, state.family, entry);
            if piece.len() + message.len() > room {
                break;
            }
            piece.extend(message);
            self.passed += 1;
        }
        (!piece.is_empty()).then_some(piece)
    }

    pub(super) fn end(&self) -> Vec<u8> {
        answer::done(&self.request)
    }
}

impl Dumped {
    fn entries(self, state: &State) -> Box<dyn Iterator<Item = IpvsMessage> + '_> {
        match self {
            Self::Services => Box::new(state.table.services().iter().map(Service::message)),
            Self::Destinations(service) => {
                let service = service.and_then(|id| state.table.service(id));
                let destinations = service.into_iter().flat_map(|it| &it.destinations);
                Box::new(destinations.map(Destination::message))
            }
            Self::Daemons => Box::new(state.table.daemons()),
        }
    }
}
