//! Runs commands in the calling thread's network namespace and returns their output.

use std::process::{Command, Stdio};

/// The result of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// Its exit status, or `None` if a signal killed it.
    pub status: Option<i32>,
}

impl Output {
    /// Whether the exit status is 0.
    pub fn is_success(&self) -> bool {
        self.status == Some(0)
    }

    /// The standard output, if the command succeeded.
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

/// Runs a program. Any exit status is fine.
///
/// # Panics
///
/// If it cannot be started.
#[track_caller]
pub fn output(program: &str, arguments: &[&str]) -> Output {
    output_with_input(program, arguments, "")
}

/// Like [`output`], with `input` on standard input.
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
        // On another thread: the program may write output before it has read all of its input.
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

/// Runs a program that must succeed. Returns its standard output.
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

/// Runs Debian's `ipvsadm`, which must succeed. Returns its standard output without spaces at the ends of
/// lines: `ipvsadm` pads its table, and the lines of `ipvsadm -Sn`, with spaces.
#[track_caller]
pub fn ipvsadm(arguments: &[&str]) -> String {
    let output = run("ipvsadm", arguments);
    output
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Runs this workspace's `ipvs-rs`. Any exit status is fine.
#[track_caller]
pub fn ipvs_rs(arguments: &[&str]) -> Output {
    output("ipvs-rs", arguments)
}
