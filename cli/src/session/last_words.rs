use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use nix::sys::signal::{SigSet, Signal, raise};

use super::uninterrupted::Uninterrupted;
use crate::ending::say;

/// What the program says on Ctrl-C, `kill` or a hang-up, before it ends by that signal.
pub(crate) struct LastWords {
    words: Arc<Mutex<Option<String>>>,
    /// The signals are for the thread that waits for them.
    _elsewhere: Uninterrupted,
}

impl LastWords {
    /// Nothing is said until there are words.
    pub(crate) fn begin() -> io::Result<Self> {
        let elsewhere = Uninterrupted::begin()?;
        let words = Arc::new(Mutex::new(None));
        let latest = Arc::clone(&words);
        thread::Builder::new().spawn(move || wait(&latest))?;
        Ok(Self {
            words,
            _elsewhere: elsewhere,
        })
    }

    pub(crate) fn set(&self, words: String) {
        *lock(&self.words) = Some(words);
    }
}

impl Drop for LastWords {
    fn drop(&mut self) {
        *lock(&self.words) = None;
    }
}

fn wait(words: &Mutex<Option<String>>) {
    let Ok(signal) = Uninterrupted::signals().wait() else {
        return;
    };
    if let Some(words) = lock(words).as_ref() {
        say(words);
    }
    end_by(signal);
}

/// Ends the program as the signal would have done, so that its parent sees how it ended.
fn end_by(signal: Signal) {
    let mut delivered = SigSet::empty();
    delivered.add(signal);
    let _ = delivered.thread_unblock();
    let _ = raise(signal);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
