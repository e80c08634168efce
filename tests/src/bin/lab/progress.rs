//! Progress: a spinner on a terminal, a few plain lines elsewhere.

use std::io::{IsTerminal, stderr};
use std::sync::LazyLock;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// All spinners: several guests may work at the same time.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// A step that takes a while. Its spinner disappears when this is dropped.
pub struct Step {
    bar: ProgressBar,
}

impl Step {
    /// Shows a spinner with `what`.
    pub fn start(what: impl Into<String>) -> Self {
        let bar = BARS.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed:>4}") {
            bar.set_style(style);
        }
        bar.set_message(what.into());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar }
    }

    /// Like [`Step::start`], but prints a line if there is no terminal.
    pub fn announce(what: &str) -> Self {
        if !stderr().is_terminal() {
            note(what);
        }
        Self::start(what)
    }

    /// Replaces the text.
    pub fn now(&self, what: impl Into<String>) {
        self.bar.set_message(what.into());
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Runs `print` with all spinners out of the way.
pub fn aside<T>(print: impl FnOnce() -> T) -> T {
    BARS.suspend(print)
}

/// Prints a line about the lab's own work to standard error.
pub fn note(line: &str) {
    aside(|| eprintln!("lab: {line}"));
}
