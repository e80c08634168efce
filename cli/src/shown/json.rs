use std::io::Write;

use serde::Serialize;

use crate::commands::Outcome;

pub(crate) fn json(value: &impl Serialize, out: &mut dyn Write) -> Outcome {
    serde_json::to_writer_pretty(&mut *out, value).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(())
}
