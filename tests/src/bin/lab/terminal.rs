//! The user's terminal: its size, and raw mode while the guest uses it.

use std::io::{self, IsTerminal};

use anyhow::{Context, Result};
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};

use crate::interrupt;
use crate::session::Size;

/// Whether standard input and standard output are both a terminal.
pub fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The size of the terminal, or 80 by 24 if it is unknown.
pub fn size() -> Size {
    terminal_size::terminal_size().map_or(
        Size {
            columns: 80,
            rows: 24,
        },
        |(width, height)| Size {
            columns: width.0,
            rows: height.0,
        },
    )
}

/// Raw mode, until this is dropped: every key, Ctrl-C included, goes to the guest.
pub struct Raw {
    before: Termios,
}

impl Raw {
    /// Switches the terminal on standard input to raw mode.
    pub fn enter() -> Result<Self> {
        let before = tcgetattr(io::stdin()).context("cannot read the terminal's settings")?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        interrupt::terminal_before(Some(before.clone()));
        tcsetattr(io::stdin(), SetArg::TCSANOW, &raw)
            .context("cannot switch the terminal to raw mode")?;
        Ok(Self { before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &self.before);
        interrupt::terminal_before(None);
    }
}
