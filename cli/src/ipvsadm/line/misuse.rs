use std::fmt;

use crate::ipvsadm::command::Command;
use crate::ipvsadm::option::{Group, Opt};

/// Why a line is no command line of ipvsadm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misuse {
    NoCommand(String),
    SecondCommand(String),
    UnknownOption(String),
    /// An option that belongs to other commands.
    Foreign {
        opt: Opt,
        group: Group,
        command: Command,
    },
    Twice(Opt),
    ValueNeeded(Opt),
    NoValue(Opt),
    Unexpected(String),
    OneService,
    OneMethod,
    /// The first option means nothing without the second.
    Alone(Opt, Opt),
    RealServerNeeded(Command),
    ArgumentsNeeded(Command),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCommand(word) => write!(f, "{word:?} is not a command of ipvsadm"),
            Self::SecondCommand(word) => write!(
                f,
                "{word:?} is a second command: write it on a line of its own"
            ),
            Self::UnknownOption(word) => write!(f, "unknown option {word:?}"),
            Self::Foreign {
                opt,
                group,
                command,
            } => {
                let commands: Vec<_> = Command::taking(*group).collect();
                let commands = enumerated(&commands);
                write!(
                    f,
                    "{opt} does not belong to {command}: use it with {commands}"
                )
            }
            Self::Twice(opt) => write!(f, "{opt} is given twice"),
            Self::ValueNeeded(opt) => write!(f, "{opt} needs a value"),
            Self::NoValue(opt) => write!(f, "{opt} takes no value"),
            Self::Unexpected(word) => write!(f, "unexpected {word:?}"),
            Self::OneService => {
                f.write_str("name exactly one service: -t, -u, --sctp-service or -f")
            }
            Self::OneMethod => f.write_str("more than one of -g, -i and -m"),
            Self::Alone(opt, needed) => write!(f, "{opt} needs {needed}"),
            Self::RealServerNeeded(command) => write!(f, "{command} needs a real server: -r"),
            Self::ArgumentsNeeded(Command::Set) => {
                f.write_str("--set needs three timeouts: TCP TCPFIN UDP")
            }
            Self::ArgumentsNeeded(command) => {
                write!(f, "{command} needs a role: master or backup")
            }
        }
    }
}

impl std::error::Error for Misuse {}

/// `-a, -e and -d`.
fn enumerated(commands: &[Command]) -> String {
    let Some((last, others)) = commands.split_last() else {
        return String::new();
    };
    let others: Vec<_> = others.iter().map(ToString::to_string).collect();
    if others.is_empty() {
        last.to_string()
    } else {
        format!("{} and {last}", others.join(", "))
    }
}
