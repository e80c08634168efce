use std::io::Write;

use ipvs::Table;
use serde::Serialize;

use crate::commands::Outcome;

/// What a restore came to.
#[derive(Serialize)]
pub(crate) struct Restored {
    services: usize,
    destinations: usize,
    changes: usize,
}

impl Restored {
    pub(crate) fn new(wanted: &Table, changes: usize) -> Self {
        let servers = &wanted.virtual_servers;
        Self {
            services: servers.len(),
            destinations: servers.iter().map(|server| server.destinations.len()).sum(),
            changes,
        }
    }
}

pub(crate) fn restored(restored: &Restored, out: &mut dyn Write) -> Outcome {
    let Restored {
        services,
        destinations,
        changes,
    } = restored;
    let count = |number: &usize, thing: &str| match number {
        1 => format!("1 {thing}"),
        number => format!("{number} {thing}s"),
    };
    writeln!(
        out,
        "{} with {} as they should be, after {}",
        count(services, "service"),
        count(destinations, "destination"),
        count(changes, "change"),
    )?;
    Ok(())
}
