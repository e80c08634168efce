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
    /// Sends one datagram that holds one or more complete netlink messages.
    fn send(&mut self, datagram: &[u8]) -> io::Result<()>;

    /// Receives one datagram into `buffer` and returns the datagram's length, which is larger than
    /// `buffer` if the datagram did not fit.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] if nothing arrives before `deadline`.
    fn receive(&mut self, buffer: &mut [u8], deadline: &mut Deadline) -> io::Result<usize>;

    /// Returns how much may be sent at once. Called before each send of a batch.
    fn limits(&mut self) -> Limits {
        Limits::default()
    }
}

/// How much may be sent at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Maximum length of a datagram, in bytes. The kernel refuses a longer one (`EMSGSIZE`).
    pub bytes: usize,
    /// Maximum number of requests whose answers are sure to fit into the receive buffer. The kernel
    /// drops further answers but carries out their requests all the same (`ENOBUFS`).
    pub answers: usize,
}

impl Limits {
    /// The most that the kernel charges for an answer, in bytes. The largest answer is an error with text.
    const ANSWER: usize = 1280;

    /// Bytes of the send buffer that a datagram must leave free.
    const SPARE: usize = 32;

    fn of_buffers(send: usize, receive: usize) -> Self {
        Self {
            bytes: send.saturating_sub(Self::SPARE),
            answers: receive / Self::ANSWER,
        }
    }
}

/// The limits of a socket with the default buffer sizes of Linux.
impl Default for Limits {
    fn default() -> Self {
        Self::of_buffers(212_992, 212_992)
    }
}
