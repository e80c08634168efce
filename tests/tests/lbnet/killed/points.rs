//! Where a program changes something, as a log of strace shows it.

use std::{collections::HashMap, fmt};

/// What has to be in the log.
pub(super) const SHOWN: &str =
    "trace=rename,renameat,renameat2,unlink,unlinkat,sendto,sendmsg,openat";

/// A system call of a program's first thread.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Point {
    name: String,
    /// Which of the thread's calls of this name it is, from 1: strace counts so.
    number: usize,
    /// What is done by it.
    change: String,
}

impl Point {
    /// What strace has to watch.
    pub(super) fn shown(&self) -> String {
        format!("trace={}", self.name)
    }

    /// Has strace kill the program before the call is made.
    pub(super) fn kill(&self) -> String {
        format!("inject={}:signal=KILL:when={}", self.name, self.number)
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.name, self.number, self.change)
    }
}

/// The calls that change something, in their order.
pub(super) fn in_log(log: &str) -> Vec<Point> {
    let calls = calls(log);
    let change = |call: &Call| match call.name() {
        _ if call.result().starts_with('-') => None,
        // A setting.
        "openat" => (call.text.contains("\"/proc/sys/") && call.text.contains("O_WRONLY"))
            .then(|| call.text.clone()),
        // Only of a change the program wants to hear that it is done.
        "sendto" | "sendmsg" => call.text.contains("NLM_F_ACK").then(|| call.text.clone()),
        _ => Some(call.text.clone()),
    };

    let mut numbers = HashMap::new();
    let mut points = Vec::new();
    let first = calls.first().map(|call| call.thread);
    for call in calls.iter().filter(|call| Some(call.thread) == first) {
        let number = numbers.entry(call.name()).or_insert(0);
        *number += 1;
        points.extend(change(call).map(|change| Point {
            name: call.name().to_owned(),
            number: *number,
            change,
        }));
    }
    points
}

/// A call with its result, if it came to that.
struct Call<'a> {
    thread: &'a str,
    text: String,
}

impl Call<'_> {
    fn name(&self) -> &str {
        self.text.split('(').next().unwrap_or_default()
    }

    fn result(&self) -> &str {
        self.text.rsplit(" = ").next().unwrap_or_default()
    }
}

/// In the order in which they began.
fn calls(log: &str) -> Vec<Call<'_>> {
    let mut calls: Vec<Call<'_>> = Vec::new();
    for line in log.lines() {
        let Some((thread, text)) = line.split_once(' ') else {
            continue;
        };
        let text = text.trim_start();
        if text.starts_with("<... ") {
            // Another thread was faster than the result.
            let begun = calls.iter_mut().rfind(|call| call.thread == thread);
            begun.unwrap().text.push_str(text);
        } else if text.starts_with(|first: char| first.is_ascii_lowercase()) {
            // Anything else is a signal or an end.
            let text = text.to_owned();
            calls.push(Call { thread, text });
        }
    }
    calls
}

/// `ipvs-rs director up`, shortened: reads, a setting, a device, and the end of another command.
#[test]
fn points_are_found_among_what_is_only_read() {
    let log = r#"
717   openat(AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY|O_CLOEXEC) = 9
717   openat(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", O_RDONLY|O_CLOEXEC) = 10
717   sendto(10, [{nlmsg_len=44, nlmsg_type=0x12 /* NLMSG_??? */, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=1, nlmsg_pid=0}, "\x00"], 44, 0, {sa_family=AF_NETLINK}, 12) = 44
717   openat(AT_FDCWD, "/run/ipvs-rs/netns-4-1.new", O_WRONLY|O_CREAT|O_TRUNC|O_NOFOLLOW|O_CLOEXEC, 0644) = 12
717   rename("/run/ipvs-rs/netns-4-1.new", "/run/ipvs-rs/netns-4-1.json") = 0
718   openat(AT_FDCWD, "/dev/null", O_RDONLY|O_CLOEXEC <unfinished ...>
717   openat(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", O_WRONLY|O_CLOEXEC <unfinished ...>
718   <... openat resumed>)             = 13
717   <... openat resumed>)             = 12
718   +++ exited with 0 +++
717   sendto(10, [{nlmsg_len=68, nlmsg_type=RTM_NEWLINK, nlmsg_flags=NLM_F_REQUEST|NLM_F_ACK|NLM_F_EXCL|NLM_F_CREATE, nlmsg_seq=6, nlmsg_pid=0}, {ifi_family=AF_UNSPEC}], 68, 0, {sa_family=AF_NETLINK}, 12) = 68
717   unlink("/run/ipvs-rs/netns-4-1.new") = -1 ENOENT (No such file or directory)
717   unlink("/run/ipvs-rs/netns-4-1.lock") = 0
717   +++ exited with 0 +++
"#;
    let points = in_log(log.trim());
    let shown = |point: &Point| (point.kill(), point.change.contains("ip_forward"));
    let expected = [
        ("rename", 1, false),
        ("openat", 4, true),
        ("sendto", 2, false),
        ("unlink", 2, false),
    ];
    let expected = expected.map(|(name, number, writes_it)| {
        let kill = format!("inject={name}:signal=KILL:when={number}");
        (kill, writes_it)
    });
    assert_eq!(points.iter().map(shown).collect::<Vec<_>>(), expected);
}
