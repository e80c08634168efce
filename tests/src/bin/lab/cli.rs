//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A kernel with IPVS on any Linux machine: to try ipvs-rs, and to prove it.
///
/// The default kernel is a program that runs without root. It and the other programs that the lab
/// uses are downloaded by apt into target/lab, once; nothing is installed, and nothing that runs in
/// the lab changes the machine.
#[derive(Debug, Parser)]
#[command(name = "lab", bin_name = "cargo lab", version)]
pub struct Cli {
    /// The kernel to use
    #[arg(long, global = true, value_enum, default_value_t = KernelName::Uml)]
    pub kernel: KernelName,

    /// Use ipvs-rs as it was built last, or do without
    #[arg(long, global = true)]
    pub no_build: bool,

    #[command(subcommand)]
    pub command: Command,
}

/// Which kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum KernelName {
    /// User Mode Linux: a kernel that is an ordinary program; boots in two seconds
    #[default]
    Uml,
    /// The same on whatever CPU is free: each system call may wake another one, and takes three times
    /// as long
    UmlAnyCpu,
    /// Debian's own kernel in QEMU, fully emulated: two CPUs, preemption; slower
    Qemu,
    /// The running kernel, in namespaces of its own: needs root and IPVS
    Host,
}

/// What to do there.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a command as root, with this workspace's ipvs-rs first on PATH
    ///
    /// Its output, its errors and its exit status are passed on; its standard input too, unless
    /// that is a terminal. What it leaves running is killed when it ends.
    Run {
        /// Kill it after this many seconds
        #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "900")]
        time_limit: Duration,

        /// The command and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<String>,
    },

    /// Open a shell as root
    Shell,

    /// Run every test: host tests on this machine, kernel tests on the lab's kernel
    ///
    /// The last line is "N passed, N failed, N skipped"; the exit status is 1 if anything failed.
    Test {
        /// Only the tests of this package (may be repeated)
        #[arg(short, long, value_name = "NAME")]
        package: Vec<String>,

        /// Only the tests whose name contains this, or those of the program of this name
        filter: Option<String>,
    },

    /// Measure: our library and program beside the least that can be, and beside ipvsadm
    ///
    /// All sides in turn, in one run; the table has medians and ratios, and what is to be reached.
    /// The same as JSON is in target/lab/bench.json. Progress goes to standard error.
    Bench(Bench),

    /// Watch a whole site work: client, director, two nginx and three apache behind one address
    Demo,

    /// What the lab runs inside its kernels
    #[command(subcommand, hide = true)]
    Inside(Inside),
}

/// How to measure.
#[derive(Args, Debug)]
pub struct Bench {
    /// How often each side is measured
    #[arg(long, default_value = "7")]
    pub rounds: NonZeroUsize,

    /// Print JSON
    #[arg(long)]
    pub json: bool,

    /// Measure tables of more sizes too, and draw what a rule costs (SVG)
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,

    /// Count instead: instructions, allocations and system calls. Exit status 1 where they are more
    /// than was noted in tests/benches/counts/figures.toml
    #[arg(long, conflicts_with_all = ["rounds", "json", "plot", "filter"])]
    pub check: bool,

    /// Only the cases whose name contains this
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
        /// Use colours
        #[arg(long)]
        color: bool,
    },
    /// Run a program that dies when the lab does
    Tied {
        /// On the CPU that it is started on, and no other
        #[arg(long)]
        on_one_cpu: bool,
        /// The program and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<std::ffi::OsString>,
    },
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a whole number of seconds, 1 or more".into()),
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
