use clap::Args;

use super::format::Format;
use super::{json, toml};
use crate::ending::Outcome;
use crate::ipvsadm;
use crate::session::Session;

#[derive(Args, Debug)]
pub(crate) struct Save {
    /// Format of the output. toml: the file format of ipvs-rs, complete; json: the same for programs
    /// and large tables; ipvsadm: the lines of `ipvsadm -Sn`, with thresholds, without
    /// timeouts and sync daemons
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "toml",
        hide_possible_values = true
    )]
    format: Format,
}

pub(super) fn save(arguments: &Save, session: &mut Session<'_>) -> Outcome {
    let mut table = session.ipvs()?.table()?;
    let dropped = table.drop_invalid();
    match arguments.format {
        Format::Toml => {
            let text = toml::text(table)?;
            session.print(|out| out.write_all(text.as_bytes()))?;
        }
        Format::Json => session.print(|out| json::write(&table, out))?,
        Format::Ipvsadm => session.print(|out| ipvsadm::rules::write(&table, out))?,
    }
    if dropped.is_empty() {
        return Ok(());
    }
    let dropped: Vec<_> = dropped.iter().map(ToString::to_string).collect();
    Err(format!(
        "not saved, because restore would refuse it: {}",
        dropped.join("; ")
    )
    .into())
}
