//! The guest's end of the stream to the host, shared by the threads that write to it.

use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

use crate::session::{Message, ToHost};

/// Sends whole messages, whichever thread they come from.
#[derive(Clone)]
pub(super) struct ToHostSender(Arc<Mutex<File>>);

impl ToHostSender {
    /// Takes over the stream.
    pub(super) fn new(stream: File) -> Self {
        Self(Arc::new(Mutex::new(stream)))
    }

    /// Sends one message. If that fails, the host is gone, and nobody is left to tell.
    pub(super) fn send(&self, message: &ToHost) {
        let _ = message.write(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
