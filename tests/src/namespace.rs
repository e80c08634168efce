//! A network namespace for one test.

use std::path::Path;
use std::process::Command;
use std::thread;

use nix::sched::{CloneFlags, unshare};

use crate::process;

/// Runs `test` on a thread of its own in a new network namespace with `lo` up.
///
/// What the thread starts is in the namespace as well: commands, and sockets opened there. The
/// namespace and all of its IPVS services are gone when the last of them is.
///
/// A panic of the test passes through with its message.
///
/// `/proc/net` is about the namespace of the process's *first* thread; in here, read
/// `/proc/thread-self/net`.
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

/// Namespaces belong to threads: a thread of its own leaves the caller's where it is.
pub(crate) fn on_a_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    // The name is what a panic's message begins with.
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
