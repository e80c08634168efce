//! A network namespace for one test.

use std::path::Path;
use std::process::Command;
use std::thread;

use nix::sched::{CloneFlags, unshare};

use crate::process;

/// Runs `test` on a thread of its own in a new network namespace with `lo` up.
///
/// Commands that the thread starts and sockets that it opens are in the namespace too. The namespace and
/// its IPVS services disappear when the last of these ends.
///
/// If the test panics, so does this function, with the same message.
///
/// `/proc/net` shows the namespace of the process's *first* thread. Read `/proc/thread-self/net` in a
/// test.
///
/// # Panics
///
/// If this kernel has no IPVS: "no IPVS in this kernel; run it with: cargo lab test".
pub fn in_namespace<T: Send>(test: impl FnOnce() -> T + Send) -> T {
    require_ipvs();
    on_a_thread(|| {
        unshare(CloneFlags::CLONE_NEWNET).expect("cannot make a network namespace (not root?)");
        process::run("ip", &["link", "set", "lo", "up"]);
        test()
    })
}

/// Namespaces belong to threads, so the caller stays in its own.
pub(crate) fn on_a_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    // The message of a panic begins with the name of the thread.
    let name = thread::current()
        .name()
        .unwrap_or("in a namespace")
        .to_owned();
    thread::scope(|scope| {
        let thread = thread::Builder::new().name(name).spawn_scoped(scope, work);
        match thread.expect("cannot start a thread").join() {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn require_ipvs() {
    let is_there = || Path::new("/proc/thread-self/net/ip_vs").exists();
    if is_there() {
        return;
    }
    let _ = Command::new("modprobe").args(["--quiet", "ip_vs"]).output();
    assert!(
        is_there(),
        "no IPVS in this kernel; run it with: cargo lab test"
    );
}
