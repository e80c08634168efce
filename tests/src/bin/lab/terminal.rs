//! The user's terminal, handed to the guest and taken back.

use std::io::{self, IsTerminal};

use anyhow::{Context, Result};
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};

use crate::interrupt;
use crate::session::Size;

/// Whether both ends of the conversation are a terminal.
pub fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The size of the terminal; the usual one if it does not say.
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

/// While this lives, every key goes through as it is: Ctrl-C is the guest's.
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
