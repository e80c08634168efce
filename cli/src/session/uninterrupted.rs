use nix::sys::signal::{SigSet, Signal};

/// Holds back Ctrl-C, `kill` and hang-up while it exists: the kernel delivers these signals when it is
/// dropped.
///
/// A restore that is interrupted would leave half of its changes, and a VIP that was added but not yet
/// announced would not be announced by another `up`.
pub(crate) struct Uninterrupted {
    before: SigSet,
}

impl Uninterrupted {
    pub(crate) fn begin() -> nix::Result<Self> {
        let before = SigSet::thread_get_mask()?;
        Self::signals().thread_block()?;
        Ok(Self { before })
    }

    /// The signals that it holds back.
    pub(crate) fn signals() -> SigSet {
        SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP])
    }
}

impl Drop for Uninterrupted {
    fn drop(&mut self) {
        let _ = self.before.thread_set_mask();
    }
}
