use std::io::{self, Write};

use ipvs::{ConnectionCounts, ConnectionSummary};
use serde::Serialize;

use crate::shown::Columns;

/// The summary as JSON.
#[derive(Serialize)]
pub(crate) struct Summary<'a> {
    groups: &'a ConnectionSummary,
}

impl<'a> Summary<'a> {
    pub(crate) fn of(groups: &'a ConnectionSummary) -> Self {
        Self { groups }
    }
}

pub(crate) fn print(summary: &Summary<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut columns = Columns::new(3..5);
    columns.row([
        "Protocol",
        "Service",
        "Destination",
        "Connections",
        "Templates",
        "States",
    ]);
    for (group, counts) in summary.groups {
        columns.row([
            group.protocol.to_string(),
            group.service.to_string(),
            group.destination.to_string(),
            counts.connections.to_string(),
            counts.templates.to_string(),
            states(counts),
        ]);
    }
    columns.print(out)
}

fn states(counts: &ConnectionCounts) -> String {
    let states = counts.states.iter();
    let states = states.map(|(state, count)| format!("{state} {count}"));
    states.collect::<Vec<_>>().join(", ")
}
