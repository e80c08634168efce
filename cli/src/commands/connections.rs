pub(crate) mod args;
pub(crate) mod lines;
pub(crate) mod summary;

use std::io::Write;

use ipvs::{Client, ConnectionSummary};

use super::Outcome;
use crate::command::{Connections, Form, Origins};
use crate::shown::{self as output, LastColumn};

pub(crate) fn connections(
    client: &Client,
    arguments: &Connections,
    form: Form,
    out: &mut dyn Write,
) -> Outcome {
    if arguments.summary && arguments.origin == Some(Origins::Any) {
        return Err("a summary has no origins: name one, --origin=local or --origin=sync".into());
    }
    let (all, last) = if arguments.origin.is_some() {
        (client.connections_with_origin()?, LastColumn::Origin)
    } else {
        (client.connections()?, LastColumn::Engine)
    };
    let filter = arguments.filter();
    // What cannot be read is told of, not left out.
    let found = all.filter(|read| read.as_ref().map_or(true, |it| filter.matches(it)));
    if arguments.summary {
        let summary: ConnectionSummary = found.collect::<Result<_, _>>()?;
        return match form {
            Form::Table => output::summary(&summary, out),
            Form::Json => output::json(&output::Summary::of(&summary), out),
        };
    }
    match form {
        Form::Table => output::connections(found, last, out),
        Form::Json => output::connections_as_json(found, out),
    }
}
