use std::time::{Duration, Instant};

/// The longest wait, a century: `Instant::now() + Duration::MAX` would overflow.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The time until which to wait for an answer.
///
/// The kernel usually answers during the send, so a caller seldom has to wait. The clock starts at the
/// first call of a method: a caller that doesn't wait never reads the clock, which on some machines
/// costs a system call.
///
/// # Examples
/// ```
/// use ipvs_sys::Deadline;
/// use std::time::Duration;
///
/// let mut deadline = Deadline::after(Duration::from_secs(10));
/// assert!(!deadline.is_over());
/// assert!(deadline.remaining() <= Duration::from_secs(10));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    patience: Duration,
    end: Option<Instant>,
}

impl Deadline {
    /// Creates a deadline that ends `patience` after the first wait. [`Duration::MAX`] never ends.
    pub fn after(patience: Duration) -> Self {
        Self {
            patience: patience.min(FOREVER),
            end: None,
        }
    }

    /// Returns the instant at which the deadline ends.
    pub fn instant(&mut self) -> Instant {
        let patience = self.patience;
        *self.end.get_or_insert_with(|| Instant::now() + patience)
    }

    /// Returns the time that is left: zero once the deadline has passed.
    pub fn remaining(&mut self) -> Duration {
        self.instant().saturating_duration_since(Instant::now())
    }

    /// Returns whether the deadline has passed.
    pub fn is_over(&mut self) -> bool {
        self.remaining().is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_runs_from_the_first_look() {
        let patience = Duration::from_secs(5);
        let mut deadline = Deadline::after(patience);
        std::thread::sleep(Duration::from_millis(20));
        let before = Instant::now();
        assert!(deadline.instant() >= before + patience);
        assert_eq!(deadline.instant(), deadline.instant());
        assert!(!deadline.is_over());
    }

    #[test]
    fn no_time_is_over_at_once() {
        let mut deadline = Deadline::after(Duration::ZERO);
        assert!(deadline.is_over());
        assert_eq!(deadline.remaining(), Duration::ZERO);
    }
}
