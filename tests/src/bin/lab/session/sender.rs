//! The lab's end of the stream to the guest, shared by the threads that write to it.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

use super::frame::{Message, ToGuest};

/// Sends whole messages, whichever thread they come from.
#[derive(Clone)]
pub(super) struct Sender(Arc<Mutex<UnixStream>>);

impl Sender {
    /// Takes over the stream.
    pub(super) fn new(stream: UnixStream) -> Self {
        Self(Arc::new(Mutex::new(stream)))
    }

    /// Sends one message.
    pub(super) fn send(&self, message: &ToGuest) -> io::Result<()> {
        message.write(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
