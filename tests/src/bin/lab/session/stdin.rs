//! The lab's standard input on its way to a program in the guest.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::frame::ToGuest;
use super::sender::Sender;

/// Forwards until the end of the input, or until dropped.
pub(super) struct Forwarding {
    wanted: Arc<AtomicBool>,
}

impl Forwarding {
    /// Reads on a thread that nobody waits for: an idle pipe never ends, and the program in the
    /// guest may not want any of it.
    pub(super) fn start(guest: Sender) -> Self {
        let wanted = Arc::new(AtomicBool::new(true));
        let still_wanted = Arc::clone(&wanted);
        std::thread::spawn(move || {
            let mut stdin = std::io::stdin().lock();
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let length = stdin.read(&mut buffer).unwrap_or(0);
                let message = match buffer.get(..length) {
                    None | Some([]) => ToGuest::StdinEnd,
                    Some(bytes) => ToGuest::Stdin(bytes.to_vec()),
                };
                if !still_wanted.load(Ordering::Relaxed) || guest.send(&message).is_err() {
                    return;
                }
                if length == 0 {
                    return;
                }
            }
        });
        Self { wanted }
    }
}

impl Drop for Forwarding {
    fn drop(&mut self) {
        self.wanted.store(false, Ordering::Relaxed);
    }
}
