use std::time::{Duration, Instant};

/// The longest that is waited: a century. `Duration::MAX` from now is no instant.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Until when an answer is waited for.
///
/// The kernel answers while a request is sent, so that there is seldom anything to wait for. The time
/// runs from the first look at it: who needs not wait does not read the clock, which on some machines
/// is a system call, as dear as sending.
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
    /// So long after somebody first has to wait; [`Duration::MAX`] is without end.
    pub fn after(patience: Duration) -> Self {
        Self {
            patience: patience.min(FOREVER),
            end: None,
        }
    }

    /// The moment itself.
    pub fn instant(&mut self) -> Instant {
        let patience = self.patience;
        *self.end.get_or_insert_with(|| Instant::now() + patience)
    }

    /// How long there is to wait; zero when it is over.
    pub fn remaining(&mut self) -> Duration {
        self.instant().saturating_duration_since(Instant::now())
    }

    /// Whether it is over.
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
