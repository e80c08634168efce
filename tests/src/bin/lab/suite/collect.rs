//! Keeps a test program's output, and says on the way which test is running.

use std::io;

use super::libtest;
use super::programs::Program;
use crate::progress::Step;
use crate::session::Output;

/// Both streams in one, as on a terminal.
pub(super) struct Collect {
    pub(super) output: Vec<u8>,
    title: String,
    step: Step,
}

impl Collect {
    /// Nothing yet.
    pub(super) fn new(program: &Program) -> Self {
        let title = format!("testing {program}");
        Self {
            output: Vec::new(),
            step: Step::start(&title),
            title,
        }
    }

    /// Takes a piece.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.output.extend(bytes);
        let recent = self
            .output
            .get(self.output.len().saturating_sub(400)..)
            .unwrap_or_default();
        if let Some(test) = libtest::started_last(&String::from_utf8_lossy(recent)) {
            self.step.now(format!("{}: {test}", self.title));
        }
    }
}

impl Output for Collect {
    fn stdout(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.take(bytes);
        Ok(())
    }

    fn stderr(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.take(bytes);
        Ok(())
    }
}
