//! Somebody without any privilege.

use nix::unistd::{Uid, seteuid};

/// Runs `work` as a user without any privilege. The whole process is that user meanwhile.
pub(crate) fn as_nobody<T>(work: impl FnOnce() -> T) -> T {
    /// Root again, even after a panic.
    struct Root;
    impl Drop for Root {
        fn drop(&mut self) {
            seteuid(Uid::from_raw(0)).unwrap();
        }
    }
    let _root = Root;
    seteuid(Uid::from_raw(65534)).unwrap();
    work()
}
