//! Several hosts at the same time.

use std::thread;

/// Asks all hosts at once: the doctor mostly waits for answers from the network.
pub(crate) fn at_once<Host: Copy + Send, Answer: Send, const N: usize>(
    hosts: [Host; N],
    ask: impl Fn(Host) -> Answer + Sync,
) -> [(Host, Answer); N] {
    thread::scope(|scope| {
        let ask = &ask;
        let asked = hosts.map(|host| (host, scope.spawn(move || ask(host))));
        asked.map(|(host, thread)| match thread.join() {
            Ok(answer) => (host, answer),
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}
