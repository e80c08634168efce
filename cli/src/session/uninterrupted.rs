use nix::sys::signal::{SigSet, Signal};

/// For as long as this lives, Ctrl-C waits: half a restore is none, and a VIP that nobody was told of is
/// not announced by a second `up`.
pub(crate) struct Uninterrupted {
    before: SigSet,
}

impl Uninterrupted {
    pub(crate) fn begin() -> nix::Result<Self> {
        let signals = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
        let before = SigSet::thread_get_mask()?;
        SigSet::from_iter(signals).thread_block()?;
        Ok(Self { before })
    }
}

impl Drop for Uninterrupted {
    fn drop(&mut self) {
        let _ = self.before.thread_set_mask();
    }
}
