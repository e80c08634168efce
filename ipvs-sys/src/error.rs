use std::io;
use std::time::Duration;

use netlink_packet_core::DecodeError;
use nix::errno::Errno;

use crate::ExtAck;

/// What can go wrong between a request and its answer.
///
/// No meaning is given to an errno here: what `ENOENT` says depends on what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The kernel refused the request.
    #[error("the kernel refused the request: {}{}", errno.desc(), suffix(ext_ack.as_ref()))]
    Kernel {
        /// The errno of the answer.
        errno: Errno,
        /// What the kernel said beside it.
        ext_ack: Option<ExtAck>,
    },
    /// The `IPVS` family is not registered: `ip_vs` is not in the kernel, and could not be loaded.
    #[error("the kernel has no generic netlink family \"IPVS\"")]
    FamilyNotFound,
    /// A socket call failed.
    #[error("netlink socket: {call}")]
    Socket {
        /// Which one.
        call: &'static str,
        /// How.
        #[source]
        source: io::Error,
    },
    /// No answer, or not all of it, came in time. Whether a write was carried out is not known.
    #[error("no answer from the kernel within {}", humantime(*.0))]
    TimedOut(Duration),
    /// The kernel dropped answers because the receive buffer was full (`ENOBUFS`). The requests
    /// were carried out all the same.
    #[error("the kernel dropped answers: the receive buffer was full")]
    Overrun,
    /// A datagram was longer than the buffer for it; the rest is lost.
    #[error("an answer of {length} bytes did not fit a buffer of {room}")]
    Truncated {
        /// Length of the datagram.
        length: usize,
        /// Length of the buffer.
        room: usize,
    },
    /// An attribute of the request is longer than one can be, 65531 bytes. Nothing was sent.
    #[error("an attribute of {length} bytes is longer than one can be")]
    TooLong {
        /// Its length, without the header.
        length: usize,
    },
    /// The kernel says that what it dumped changed meanwhile (`NLM_F_DUMP_INTR`). IPVS never does.
    #[error("the dump was interrupted by a change")]
    DumpInterrupted,
    /// A read was acknowledged without an answer.
    #[error("the kernel acknowledged the request without answering it")]
    NoAnswer,
    /// The answer is not what the protocol says.
    #[error("the kernel's answer cannot be read")]
    Decode(#[from] DecodeError),
}

impl Error {
    /// The errno that the kernel answered with, if it answered.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Self::Kernel { errno, .. } => Some(*errno),
            _ => None,
        }
    }
}

fn suffix(ext_ack: Option<&ExtAck>) -> String {
    ext_ack
        .map(|ext_ack| format!(": {ext_ack}"))
        .unwrap_or_default()
}

fn humantime(duration: Duration) -> String {
    format!("{duration:?}")
}
