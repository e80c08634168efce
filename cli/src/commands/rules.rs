pub(crate) mod print;
pub(crate) mod toml;

use std::io::{self, BufRead, BufReader, IsTerminal, Write};

use ipvs::Client;

use super::Outcome;
use crate::command::{Form, Format, Restore, Rules};
use crate::ipvsadm;
use crate::session::uninterrupted::Uninterrupted;
use crate::shown as output;

pub(crate) fn save(client: &mut Client, arguments: &Rules, out: &mut dyn Write) -> Outcome {
    let mut table = client.table()?;
    let dropped = table.drop_invalid();
    match arguments.format {
        Format::Toml => toml::write(&table, out)?,
        Format::Ipvsadm => ipvsadm::write(&table, out)?,
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
    let input = standard_input();
    let wanted = match arguments.rules.format {
        Format::Toml => toml::read(input)?,
        Format::Ipvsadm => ipvsadm::read(input)?,
    };
    let mut client = client()?;
    let uninterrupted = Uninterrupted::begin()?;
    let changes = client.restore(&wanted, arguments.new_services())?;
    drop(uninterrupted);
    let restored = output::Restored::new(&wanted, changes);
    match form {
        Form::Table => output::restored(&restored, out),
        Form::Json => output::json(&restored, out),
    }
}

#[expect(
    clippy::print_stderr,
    reason = "somebody at a terminal wonders why nothing happens"
)]
fn standard_input() -> impl BufRead {
    let stdin = io::stdin().lock();
    if stdin.is_terminal() {
        eprintln!("reading rules from the terminal; end them with Ctrl-D");
    }
    BufReader::with_capacity(16 * 1024, stdin)
}
