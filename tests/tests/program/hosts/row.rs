//! What a row of the matrix says.

use lbnet::doctor::FindingKind;

use super::way::Way;

/// A kind of host, as one role.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The section of docs/network.md that says what to type. The first way is set up by its command.
    pub(super) section: &'static str,
    /// What makes a host of the site one of this kind: lines of shell, typed there. They know `$me`, the
    /// name of the host, and the words at the top of `site`.
    pub(super) make: &'static str,
    /// The device that is named.
    pub(super) device: &'static str,
    /// What this kind needs beside the virtual IP and the device.
    pub(super) options: &'static str,
    /// What every command on the host is started with.
    pub(super) within: &'static str,
    /// Without the options, `up` is refused with this, before anything is changed.
    pub(super) without_options: Option<&'static str>,
    /// The ways that the host can be set up for.
    pub(super) ways: &'static [Way],
    /// The ways that it is refused for, each with the reason, before anything is changed.
    pub(super) refused: &'static [(Way, &'static str)],
    pub(super) clients: Clients,
    /// What happens while the set-ups stand: lines of shell, typed on the host.
    pub(super) meanwhile: Meanwhile,
}

/// What becomes of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clients {
    /// All are served, and the doctor finds nothing.
    Served,
    /// Some are not. The doctor finds this, and prints commands; when they are typed, all are served.
    ServedAfter(&'static [FindingKind]),
    /// They cannot be. The doctor says why.
    Unserved(&'static [FindingKind]),
}

/// What happens while the set-ups stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meanwhile {
    Nothing,
    /// Something that needs nothing from the operator.
    Harmless(&'static str),
    /// The journal is lost: the doctor does not know what the host is.
    Forgotten(&'static str),
    /// Something after which `up` is typed again.
    UpAgain(&'static str),
    /// The host itself is another one afterwards. The doctor says so, and what it prints is typed.
    Moves(&'static str),
}

/// The host as it is on the site, set up for all ways, and serving.
pub(super) const PLAIN: Row = Row {
    section: "A plain device",
    make: "",
    device: "eth0",
    options: "",
    within: "",
    without_options: None,
    ways: super::way::ALL,
    refused: &[],
    clients: Clients::Served,
    meanwhile: Meanwhile::Nothing,
};

impl Row {
    /// Whether what is set up can be broken and mended: not where settings are given from outside.
    pub(super) fn breaks(&self) -> bool {
        self.within.is_empty() && self.meanwhile == Meanwhile::Nothing
    }
}

/// Makes each row a test, and all rows of a file a list.
macro_rules! rows {
    ($($sentence:ident: $role:ident $row:expr;)*) => {
        pub(super) const ROWS: &[super::row::Row] = &[$($row),*];

        $(
            #[test]
            #[ignore = "needs the lab's kernel: cargo lab test"]
            fn $sentence() {
                super::run::holds(super::site::Role::$role, &$row);
            }
        )*
    };
}

pub(super) use rows;
