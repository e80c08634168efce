//! The commands of ipvsadm, and which options belong to each.

use std::fmt;

use super::option::Group;

/// A command. A command line has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    AddService,
    EditService,
    DeleteService,
    Clear,
    AddServer,
    EditServer,
    DeleteServer,
    Set,
    StartDaemon,
    StopDaemon,
    List,
    Zero,
    Save,
    Restore,
    Help,
    Version,
}

/// Whether a command takes the options of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Required,
    Optional,
    Never,
}

/// The words for a command: the short one, if there is any, and the long one.
type Names = (Option<char>, &'static str);

const NAMES: [(Command, Names); 17] = [
    (Command::AddService, (Some('A'), "add-service")),
    (Command::EditService, (Some('E'), "edit-service")),
    (Command::DeleteService, (Some('D'), "delete-service")),
    (Command::Clear, (Some('C'), "clear")),
    (Command::AddServer, (Some('a'), "add-server")),
    (Command::EditServer, (Some('e'), "edit-server")),
    (Command::DeleteServer, (Some('d'), "delete-server")),
    (Command::Set, (None, "set")),
    (Command::StartDaemon, (None, "start-daemon")),
    (Command::StopDaemon, (None, "stop-daemon")),
    (Command::List, (Some('L'), "list")),
    (Command::List, (Some('l'), "list")),
    (Command::Zero, (Some('Z'), "zero")),
    (Command::Save, (Some('S'), "save")),
    (Command::Restore, (Some('R'), "restore")),
    (Command::Help, (Some('h'), "help")),
    (Command::Version, (Some('v'), "version")),
];

impl Command {
    pub(super) fn short(letter: char) -> Option<Self> {
        let mut names = NAMES.iter();
        names
            .find(|(_, (short, _))| *short == Some(letter))
            .map(|(command, _)| *command)
    }

    pub(super) fn long(word: &str) -> Option<Self> {
        let mut names = NAMES.iter();
        names
            .find(|(_, (_, long))| *long == word)
            .map(|(command, _)| *command)
    }

    /// Whether the command takes the options of this group.
    pub(super) fn takes(self, group: Group) -> Takes {
        use Command::{
            AddServer, AddService, DeleteServer, DeleteService, EditServer, EditService, List,
            Save, StartDaemon, StopDaemon, Zero,
        };
        match (group, self) {
            (
                Group::Service,
                AddService | EditService | DeleteService | AddServer | EditServer | DeleteServer,
            )
            | (Group::RealServer, AddServer | EditServer | DeleteServer) => Takes::Required,
            (Group::Service, List | Zero)
            | (Group::Scheduling, AddService | EditService)
            | (Group::Forwarding, AddServer | EditServer)
            | (Group::Sync, StartDaemon)
            | (Group::SyncId, StartDaemon | StopDaemon | List)
            | (Group::Numeric, List | Save)
            | (Group::Listing, List) => Takes::Optional,
            _ => Takes::Never,
        }
    }

    /// How many words that are no options the command takes.
    pub(super) fn arguments(self) -> usize {
        match self {
            Self::Set => 3,
            Self::StartDaemon | Self::StopDaemon => 1,
            _ => 0,
        }
    }

    /// All commands that take the options of a group.
    pub(super) fn taking(group: Group) -> impl Iterator<Item = Self> {
        let mut names: Vec<_> = NAMES.iter().map(|(command, _)| *command).collect();
        names.dedup();
        names
            .into_iter()
            .filter(move |command| command.takes(group) != Takes::Never)
    }
}

/// The shortest word for the command.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().find(|(command, _)| command == self);
        match names.map(|(_, names)| names) {
            Some((Some(letter), _)) => write!(f, "-{letter}"),
            Some((None, word)) => write!(f, "--{word}"),
            None => fmt::Debug::fmt(self, f),
        }
    }
}
