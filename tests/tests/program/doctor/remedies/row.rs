//! What a row of the table says.

use lbnet::doctor::FindingKind;

use super::site::Layout;

/// A fault, and what becomes of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) kind: FindingKind,
    /// The site that has the fault.
    pub(super) site: Layout,
    /// The host that has the fault, where the doctor is asked.
    pub(super) on: &'static str,
    /// What somebody typed there.
    pub(super) plant: &'static str,
    /// How clients are until it is fixed.
    pub(super) clients: Clients,
    pub(super) remedy: Printed,
    pub(super) more: More,
}

/// How clients are while the fault is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clients {
    /// All are served: the fault is one of another day, of other clients, or of a host that is reached
    /// past the director.
    Served,
    SomeUnserved,
    NoneServed,
    /// It depends on which of two hosts a client hears first.
    Either,
}

/// What the doctor prints as a remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Printed {
    /// Commands, which fix it.
    Commands,
    /// Commands with words in capitals, which an operator replaces by these.
    Completed(&'static [(&'static str, &'static str)]),
    /// A command that shows where to look, and fixes nothing, for this reason.
    Shows(&'static str),
    /// No command, for this reason.
    Nothing(&'static str),
}

/// What else a row can say. Most rows say [`NO_MORE`].
#[derive(Debug, Clone, Copy)]
pub(super) struct More {
    /// What the site has, besides, before the fault is planted: lines for the host.
    pub(super) before: &'static str,
    /// How the doctor is asked once the fault is there, if that is not as on every such site.
    pub(super) doctor: Option<&'static str>,
    /// What the operator does first, where the fault is one of another host.
    pub(super) first: &'static str,
    /// What is found along with it.
    pub(super) with: &'static [FindingKind],
    /// What is found after its commands were typed, and has commands itself.
    pub(super) then: &'static [FindingKind],
    /// What clients ask for.
    pub(super) asked: Asked,
    /// Who serves in the end.
    pub(super) by: &'static [&'static str],
    /// When the doctor sees that it is fixed.
    pub(super) seen: Seen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Tcp,
    Udp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    AtOnce,
    /// When clients have come again: it was found by what became of the last ones.
    AfterClients,
}

/// Two servers serve, and nothing else is found.
pub(super) const NO_MORE: More = More {
    before: "",
    doctor: None,
    first: "",
    with: &[],
    then: &[],
    asked: Asked::Tcp,
    by: &["web1", "web2"],
    seen: Seen::AtOnce,
};

/// Makes each row a test, and all rows of a file a list.
macro_rules! rows {
    ($($sentence:ident: $row:expr;)*) => {
        pub(super) const ROWS: &[super::row::Row] = &[$($row),*];

        $(
            #[test]
            #[ignore = "needs the lab's kernel: cargo lab test"]
            fn $sentence() {
                super::planted::holds(&$row);
            }
        )*
    };
}

pub(super) use rows;
