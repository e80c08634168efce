mod deadline;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(not(target_os = "linux"))]
mod none;

use std::io;

pub use deadline::Deadline;
#[cfg(target_os = "linux")]
pub(crate) use kernel::KernelSocket;
#[cfg(not(target_os = "linux"))]
pub(crate) use none::KernelSocket;

/// What a [`Conversation`](crate::Conversation) needs of a socket: the kernel's, or a stand-in's.
pub trait Transport: Send {
    /// Sends one datagram: one or more whole netlink messages.
    fn send(&mut self, datagram: &[u8]) -> io::Result<()>;

    /// Receives one datagram into `buffer`, and says how long it was: longer than `buffer` where
    /// it did not fit.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] when nothing came until `deadline`.
    fn receive(&mut self, buffer: &mut [u8], deadline: &mut Deadline) -> io::Result<usize>;

    /// How much may be sent at once. Asked before each send of a batch.
    fn limits(&mut self) -> Limits {
        Limits::default()
    }
}

/// How much may be sent at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one datagram: a longer one is refused whole (`EMSGSIZE`).
    pub bytes: usize,
    /// Requests whose answers fit the receive buffer if each has one: answers beyond that are lost,
    /// and what they were answers to is done all the same (`ENOBUFS`).
    pub answers: usize,
}

impl Limits {
    /// What the kernel accounts for an answer, at most: the largest is an error with its text.
    const ANSWER: usize = 1280;

    /// What a datagram must leave of the send buffer.
    const SPARE: usize = 32;

    fn of_buffers(send: usize, receive: usize) -> Self {
        Self {
            bytes: send.saturating_sub(Self::SPARE),
            answers: receive / Self::ANSWER,
        }
    }
}

/// Those of a socket whose buffers are as Linux makes them.
impl Default for Limits {
    fn default() -> Self {
        Self::of_buffers(212_992, 212_992)
    }
}
