//! `save`, `restore`.

mod format;
mod json;
mod live;
mod restore;
mod save;
mod toml;

use clap::Subcommand;

use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the services, timeouts and sync daemons, for restore
    #[command(after_help = "Examples:\n  \
        ipvs-rs save > services.toml\n  \
        ipvs-rs save --update /etc/ipvs-rs/lb.toml\n  \
        ipvs-rs save --format json > services.json\n\n\
        Exit status: 0 saved, 1 something could not be saved or read, 2 wrong usage.")]
    Save(Deferred<save::Save>),
    /// Restore services from standard input; other services are left unchanged
    #[command(after_help = "Examples:\n  \
        ipvs-rs restore --dry-run < /etc/ipvs-rs/lb.toml\n  \
        ipvs-rs restore < /etc/ipvs-rs/lb.toml\n  \
        ipvsadm -Sn | ipvs-rs restore --format ipvsadm\n\n\
        restore reads and checks all of its input first. Then it adds what is missing, changes the \
        services that differ, with their destinations, and leaves the rest alone. It prints each change. \
        If the kernel refuses a change, restore rolls back the changes before it.\n\n\
        Before restore deletes a destination that has connections, a warning names it: the kernel drops \
        the packets of these connections from then on. drain-destination lets them end first.\n\n\
        With --format ipvsadm, the input is what `ipvsadm -R` reads: lines with -A, -E, -D, -a, -e, -d, \
        -C, --set, --start-daemon and --stop-daemon. restore computes the table that is there after all \
        of them, and makes the smallest change that leads to it.\n\n\
        An empty input never deletes anything. In the formats toml and json it is an error, because save \
        always prints something. In ipvsadm's format it is an empty table without a command, and nothing \
        is changed.\n\n\
        Exit status: 0 restored; 1 the input is wrong, or a change was refused; 2 wrong usage.")]
    Restore(Deferred<restore::Restore>),
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        Ended::of(match self {
            Self::Save(Deferred(arguments)) => save::save(&arguments, session),
            Self::Restore(Deferred(arguments)) => restore::restore(&arguments, session),
        })
    }
}
