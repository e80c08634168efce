use std::io::{self, IsTerminal, Read, Write};

use ipvs::{Client, Plan, Table};
use nix::sys::signal::{SigSet, Signal};

use super::Outcome;
use crate::args::{Form, Format, Restore, Rules};
use crate::{output, rules};

pub(crate) fn save(client: &mut Client, arguments: &Rules, out: &mut dyn Write) -> Outcome {
    let mut table = client.table()?;
    let dropped = table.drop_invalid();
    match arguments.format {
        Format::Toml => rules::toml::write(&table, out)?,
        Format::Ipvsadm => rules::ipvsadm::write(&table, out)?,
    }
    if dropped.is_empty() {
        return Ok(());
    }
    let dropped: Vec<_> = dropped.iter().map(ToString::to_string).collect();
    Err(format!(
        "not saved, as it could not be restored: {}",
        dropped.join("; ")
    )
    .into())
}

/// Reads and checks all of standard input before the kernel is asked for anything.
pub(crate) fn restore(
    client: impl FnOnce() -> Result<Client, ipvs::Error>,
    arguments: &Restore,
    form: Form,
    out: &mut dyn Write,
) -> Outcome {
    if let Some(file) = &arguments.file {
        let file = file.display();
        return Err(format!("rules come from standard input: ipvs-rs restore < {file}").into());
    }
    let text = standard_input()?;
    let wanted: Table = match arguments.rules.format {
        Format::Toml => rules::toml::read(&text)?,
        Format::Ipvsadm => rules::ipvsadm::read(&text)?,
    };
    let mut client = client()?;
    let plan = Plan::between(&client.table()?, &wanted);
    let uninterrupted = Uninterrupted::begin()?;
    client.apply(&plan)?;
    drop(uninterrupted);
    let restored = output::Restored::new(&wanted, &plan);
    match form {
        Form::Table => output::restored(&restored, out),
        Form::Json => output::json(&restored, out),
    }
}

#[expect(
    clippy::print_stderr,
    reason = "somebody at a terminal wonders why nothing happens"
)]
fn standard_input() -> Result<String, String> {
    let mut stdin = io::stdin();
    if stdin.is_terminal() {
        eprintln!("reading rules from the terminal; end them with Ctrl-D");
    }
    let mut text = String::new();
    stdin
        .read_to_string(&mut text)
        .map_err(|error| format!("standard input: {error}"))?;
    // Nobody saves nothing at all: a `save` in front of the pipe has failed.
    if text.is_empty() {
        return Err("standard input is empty: there is nothing to restore".to_owned());
    }
    Ok(match text.strip_prefix('\u{feff}') {
        Some(text) => text.to_owned(),
        None => text,
    })
}

/// For as long as this lives, Ctrl-C waits: half a restore is none.
struct Uninterrupted {
    before: SigSet,
}

impl Uninterrupted {
    fn begin() -> nix::Result<Self> {
        let signals = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
        let before = SigSet::thread_get_mask()?;
        SigSet::from_iter(signals).thread_block()?;
        Ok(Self { before })
    }
}

impl Drop for Uninterrupted {
    fn drop(&mut self) {
        let _ = self.before.thread_set_mask();
    }
}
