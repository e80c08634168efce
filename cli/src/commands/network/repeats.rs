use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use crate::ending::say;
use crate::session::NetnsName;
use crate::shown::shell;

/// Who repeats the announcements after the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeats {
    /// Another process, after this one has ended.
    Background,
    /// This process, before it ends.
    Waited,
}

/// The command that sends the announcements that are due.
const ANNOUNCE: [&str; 2] = ["director", "announce"];

/// Starts another process that sends the announcements that are due. If it is killed, they stay due.
pub(crate) fn in_background(netns: Option<&NetnsName>) {
    if let Err(error) = start(netns) {
        let line = shell::Line::ours(ANNOUNCE).within(netns);
        say(format_args!(
            "warning: cannot repeat the announcement in the background: {error}; to repeat it: `{line}`"
        ));
    }
}

fn start(netns: Option<&NetnsName>) -> io::Result<()> {
    let mut announce = Command::new("/proc/self/exe");
    announce.arg0("ipvs-rs").args(ANNOUNCE);
    if let Some(netns) = netns {
        announce.arg("--netns").arg(netns.to_string());
    }
    // In a group of its own, so that Ctrl-C in the terminal does not end it.
    announce.process_group(0);
    announce
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    announce.spawn().map(drop)
}
