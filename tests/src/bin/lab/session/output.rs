//! Where the output of a program in the guest goes.

use std::io::{self, Write};

/// Where a program's output goes.
pub trait Output {
    /// Takes a piece of standard output.
    fn stdout(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Takes a piece of standard error.
    fn stderr(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// Passes output on as the lab's own, at once.
#[derive(Default)]
pub struct PassOn {
    /// Whether whoever read it has had enough, as `head` does.
    pub closed: bool,
}

impl PassOn {
    fn note(&mut self, written: io::Result<()>) -> io::Result<()> {
        let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
        self.closed |= written.as_ref().is_err_and(closed);
        written
    }
}

impl Output for PassOn {
    fn stdout(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        self.note(stdout.write_all(bytes).and_then(|()| stdout.flush()))
    }

    fn stderr(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.note(io::stderr().lock().write_all(bytes))
    }
}
