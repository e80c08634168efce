use std::io;
use std::time::Duration;

use netlink_packet_core::DecodeError;
use nix::errno::Errno;

use crate::ExtAck;

/// Why a request failed.
///
/// This crate does not interpret an errno: what `ENOENT` means depends on the request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The kernel refused the request.
    #[error("the kernel refused the request: {}{}", errno.desc(), suffix(ext_ack.as_ref()))]
    Kernel {
        /// The errno in the answer.
        errno: Errno,
        /// The extended acknowledgement, if the kernel sent one.
        ext_ack: Option<ExtAck>,
    },
    /// The `IPVS` family is not registered: the kernel has no `ip_vs` and could not load it.
    #[error("the kernel has no generic netlink family \"IPVS\"")]
    FamilyNotFound,
    /// A socket call failed.
    #[error("netlink socket: {call}")]
    Socket {
        /// The call that failed.
        call: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The answer did not arrive completely in time. The kernel may or may not have carried out a
    /// write.
    #[error("no answer from the kernel within {}", humantime(*.0))]
    TimedOut(Duration),
    /// The kernel dropped answers because the receive buffer was full (`ENOBUFS`). It carried out the
    /// requests all the same.
    #[error("the kernel dropped answers: the receive buffer was full")]
    Overrun,
    /// A datagram was longer than the receive buffer, and the rest of it is lost.
    #[error("an answer of {length} bytes did not fit into a buffer of {room} bytes")]
    Truncated {
        /// Length of the datagram.
        length: usize,
        /// Length of the buffer.
        room: usize,
    },
    /// An attribute of the request is longer than the maximum of 65531 bytes. Nothing was sent.
    #[error("an attribute of {length} bytes is longer than the maximum of 65531 bytes")]
    TooLong {
        /// Its length, without the header.
        length: usize,
    },
    /// The kernel reports that the data changed during the dump (`NLM_F_DUMP_INTR`). IPVS never
    /// reports it.
    #[error("the dump was interrupted by a change")]
    DumpInterrupted,
    /// The kernel acknowledged a read without answering it.
    #[error("the kernel acknowledged the request without answering it")]
    NoAnswer,
    /// The answer does not follow the protocol.
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
