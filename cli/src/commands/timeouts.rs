use std::io::Write;

use ipvs::{Info, SyncDaemon, Timeouts, duration};
use serde::Serialize;

use crate::commands::Outcome;
use crate::shown::columns::Columns;

pub(crate) fn timeouts(timeouts: &Timeouts, out: &mut dyn Write) -> Outcome {
    let mut columns = Columns::new(1..1);
    for (name, timeout) in [
        ("tcp", timeouts.tcp),
        ("tcp-fin", timeouts.tcp_fin),
        ("udp", timeouts.udp),
    ] {
        if let Some(timeout) = timeout {
            columns.row([name.to_owned(), duration::display(timeout).to_string()]);
        }
    }
    columns.print(out)?;
    Ok(())
}

pub(crate) fn info(info: Info, out: &mut dyn Write) -> Outcome {
    let (version, size) = (info.version, info.connection_table_size);
    writeln!(out, "IPVS {version}, connection table of {size} buckets")?;
    Ok(())
}

/// The JSON of the sync daemons.
#[derive(Serialize)]
pub(crate) struct SyncDaemons {
    pub(crate) sync_daemons: Vec<SyncDaemon>,
}

pub(crate) fn sync_daemons(daemons: &[SyncDaemon], out: &mut dyn Write) -> Outcome {
    for daemon in daemons {
        writeln!(out, "{daemon}")?;
    }
    Ok(())
}
