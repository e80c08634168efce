//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Run ipvs-rs and its tests on a kernel with IPVS, on any Linux machine
///
/// The default kernel is an ordinary program and needs no root. On first use, the lab downloads it and
/// its other tools with apt and unpacks them in target/lab. It installs nothing, and commands in the lab
/// cannot change this machine.
#[derive(Debug, Parser)]
#[command(name = "lab", bin_name = "cargo lab", version)]
pub struct Cli {
    /// The kernel to use
    #[arg(long, global = true, value_enum, default_value_t = KernelName::Uml)]
    pub kernel: KernelName,

    /// Don't build ipvs-rs first; use the last build, if there is one
    #[arg(long, global = true)]
    pub no_build: bool,

    #[command(subcommand)]
    pub command: Command,
}

/// Which kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum KernelName {
    /// User Mode Linux: a kernel that runs as an ordinary program; boots in two seconds
    #[default]
    Uml,
    /// User Mode Linux, not bound to one CPU: system calls take three times as long
    UmlAnyCpu,
    /// Debian's kernel in QEMU, fully emulated: two CPUs, preemption; slower
    Qemu,
    /// The kernel of this machine, in separate namespaces: needs root and IPVS
    Host,
}

/// What the lab does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a command as root, with this workspace's ipvs-rs first on PATH
    ///
    /// The lab passes on the command's output and exit status, and its own standard input unless that
    /// is a terminal. When the command ends, the lab kills everything that it left running.
    Run {
        /// Kill the command after this many seconds
        #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "900")]
        time_limit: Duration,

        /// The command and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<String>,
    },

    /// Open a shell as root
    Shell,

    /// Run all tests: host tests on this machine, kernel tests on the lab's kernel
    ///
    /// The last line is "N passed, N failed, N skipped". The exit status is 1 if a test failed.
    Test {
        /// Run only the tests of this package (may be repeated)
        #[arg(short, long, value_name = "NAME")]
        package: Vec<String>,

        /// Run only tests whose name contains this, or all tests of the test program with this name
        filter: Option<String>,
    },

    /// Measure the library and ipvs-rs against the kernel's own cost and against ipvsadm
    ///
    /// All candidates take turns in one run. The table shows medians, ratios and targets.
    /// target/lab/bench.json has the same figures as JSON. Progress goes to standard error.
    Bench(Bench),

    /// Show a whole site at work: a client, a director, two nginx and three apache behind one virtual IP
    Demo,

    /// The parts of the lab that run inside its kernels
    #[command(subcommand, hide = true)]
    Inside(Inside),
}

/// How to measure.
#[derive(Args, Debug)]
pub struct Bench {
    /// How many times to measure each candidate
    #[arg(long, default_value = "7")]
    pub rounds: NonZeroUsize,

    /// Print JSON
    #[arg(long)]
    pub json: bool,

    /// Also measure tables of other sizes, and plot the cost of one rule (SVG)
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,

    /// Count instructions, allocations and system calls instead. The exit status is 1 if a count is
    /// above its figure in tests/benches/counts/figures.toml
    #[arg(long, conflicts_with_all = ["rounds", "json", "plot", "filter"])]
    pub check: bool,

    /// Run only cases whose name contains this
    pub filter: Option<String>,
}

/// The parts of the lab that run in the guest, or on the way into it.
#[derive(Debug, Subcommand)]
pub enum Inside {
    /// The guest's first process
    Init,
    /// The first process of a namespace of the running kernel
    Namespace {
        /// The unpacked tools
        tools: PathBuf,
    },
    /// The demo itself
    Demo {
        /// Use colors
        #[arg(long)]
        color: bool,
    },
    /// Run a program that ends when the lab does
    Tied {
        /// Keep the program on the CPU with this number
        #[arg(long)]
        on_cpu: Option<usize>,
        /// The program and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<std::ffi::OsString>,
    },
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a whole number of seconds, 1 or more".into()),
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_after_the_command_are_its_own() {
        let cli = Cli::parse_from(["lab", "run", "--", "ipvs-rs", "list", "--kernel", "x"]);
        let Command::Run { command, .. } = cli.command else {
            panic!("not run")
        };
        assert_eq!(command, ["ipvs-rs", "list", "--kernel", "x"]);
    }

    #[test]
    fn the_kernel_may_be_named_before_or_after_the_verb() {
        for line in [
            ["lab", "--kernel", "qemu", "test"],
            ["lab", "test", "--kernel", "qemu"],
        ] {
            assert_eq!(Cli::parse_from(line).kernel, KernelName::Qemu);
        }
    }
}
