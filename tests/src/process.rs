//! Commands in the calling thread's network namespace, with what they print.

use std::process::{Command, Stdio};

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// Its exit status; `None`: it was killed by a signal.
    pub status: Option<i32>,
}

impl Output {
    /// Whether the exit status is 0.
    pub fn is_success(&self) -> bool {
        self.status == Some(0)
    }

    /// The standard output of a success.
    ///
    /// # Panics
    ///
    /// With standard error, if the command failed.
    #[track_caller]
    pub fn success(self) -> String {
        assert!(
            self.is_success(),
            "exit status {:?}: {}",
            self.status,
            self.stderr.trim_end()
        );
        self.stdout
    }
}

/// Runs a program, whatever its exit status.
///
/// # Panics
///
/// If it cannot be started.
#[track_caller]
pub fn output(program: &str, arguments: &[&str]) -> Output {
    output_with_input(program, arguments, "")
}

/// Like [`output`], with something on standard input.
#[track_caller]
pub fn output_with_input(program: &str, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => panic!("cannot start {program}: {error}"),
    };
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // Beside the reading: a program may answer before it has read everything.
        scope.spawn(move || {
            stdin.map(|mut stdin| std::io::Write::write_all(&mut stdin, input.as_bytes()))
        });
        child.wait_with_output()
    });
    match output {
        Ok(output) => Output {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            status: output.status.code(),
        },
        Err(error) => panic!("cannot read what {program} prints: {error}"),
    }
}

/// Runs a program that must succeed; its standard output.
///
/// # Panics
///
/// With its standard error, if it fails.
#[track_caller]
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = output(program, arguments);
    let line = || format!("{program} {}", arguments.join(" "));
    assert!(
        output.is_success(),
        "{}: exit status {:?}: {}",
        line(),
        output.status,
        output.stderr.trim_end()
    );
    output.stdout
}

/// Runs Debian's `ipvsadm`, which must succeed; its standard output, without spaces at line ends.
///
/// It pads its table with them, as in `-A -t 192.0.2.1:80 -s rr` of `ipvsadm -Sn`.
#[track_caller]
pub fn ipvsadm(arguments: &[&str]) -> String {
    let output = run("ipvsadm", arguments);
    output
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Runs this workspace's `ipvs-rs`, whatever its exit status.
#[track_caller]
pub fn ipvs_rs(arguments: &[&str]) -> Output {
    output("ipvs-rs", arguments)
}
