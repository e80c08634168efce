//! What a program finds in the guest: environment and working directory.

use std::collections::BTreeMap;
use std::env;

use super::frame::Run;
use crate::workspace::Workspace;

const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What the user's own environment may decide. The rest of it is about another machine.
const PASSED_ON: [&str; 8] = [
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "COLUMNS",
    "LINES",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "TZ",
];

/// The usual surroundings of `command`.
pub fn of(workspace: &Workspace, command: Vec<String>) -> Run {
    let mut command = command.into_iter();
    let programs = workspace.programs.display();
    let path = format!("{programs}:{programs}/examples:{SYSTEM_PATH}");
    let own = [
        ("PATH", path.as_str()),
        ("HOME", "/run/home"),
        ("USER", "root"),
        ("LOGNAME", "root"),
        ("SHELL", "/bin/bash"),
        ("LANG", "C.UTF-8"),
        // What changes more than its network namespace asks for this first.
        ("IPVS_LAB", "1"),
    ];
    let own = own.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let passed_on = PASSED_ON
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), env::var(key).ok()?)));
    Run {
        program: command.next().unwrap_or_default(),
        args: command.collect(),
        env: passed_on.chain(own).collect::<BTreeMap<_, _>>(),
        cwd: env::current_dir().unwrap_or_default(),
        ..Run::default()
    }
}
