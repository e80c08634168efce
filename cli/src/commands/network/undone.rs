use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

/// The set-ups to undo: those that are named as for `up`, or all of a role.
#[derive(Debug)]
pub(crate) enum Undone<T> {
    All,
    Named(T),
}

const ALL: &str = "all";

/// The arguments that name a set-up. They are not required with `--all`.
const NAMING: [&str; 2] = ["vip", "device"];

fn with_all(command: Command) -> Command {
    let all = Arg::new(ALL)
        .long(ALL)
        .action(ArgAction::SetTrue)
        .conflicts_with_all(NAMING)
        .conflicts_with("file")
        .help("Undo every set-up of this role on this host, whatever a file says now");
    let not_needed = |arg: Arg| arg.required_unless_present(ALL);
    let command = NAMING
        .iter()
        .fold(command, |command, name| command.mut_arg(name, not_needed));
    command.arg(all)
}

impl<T: Args> Args for Undone<T> {
    fn augment_args(command: Command) -> Command {
        with_all(T::augment_args(command))
    }

    fn augment_args_for_update(command: Command) -> Command {
        with_all(T::augment_args_for_update(command))
    }
}

impl<T: FromArgMatches> FromArgMatches for Undone<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        if matches.get_flag(ALL) {
            Ok(Self::All)
        } else {
            T::from_arg_matches(matches).map(Self::Named)
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
