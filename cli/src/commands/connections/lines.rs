use std::io::Write;

use ipvs::{Connection, Error, duration};

use crate::ending::{Outcome, OutputError};

/// What the last column shows. The kernel reports one or the other, in different files.
#[derive(Clone, Copy)]
pub(crate) enum LastColumn {
    Engine,
    Origin,
}

impl LastColumn {
    fn title(self) -> &'static str {
        match self {
            Self::Engine => "Engine",
            Self::Origin => "Origin",
        }
    }

    fn of(self, connection: &Connection) -> String {
        match (self, &connection.engine, connection.origin) {
            (Self::Engine, Some(engine), _) => format!("{} {}", engine.name, engine.data),
            (Self::Origin, _, Some(origin)) => origin.to_string(),
            _ => String::new(),
        }
    }
}

/// Prints connections as they are read, because there may be millions.
pub(crate) fn print(
    connections: impl Iterator<Item = Result<Connection, Error>>,
    last: LastColumn,
    out: &mut dyn Write,
) -> Outcome {
    let title = [
        "Protocol",
        "Client",
        "Service",
        "Destination",
        "State",
        "Expires",
        last.title(),
    ];
    line(title.map(str::to_owned), out)?;
    for connection in connections {
        let connection = connection?;
        let noted = last.of(&connection);
        let state = if connection.is_template() {
            "template".to_owned()
        } else {
            connection.state
        };
        let columns = [
            connection.protocol.to_string(),
            connection.client.to_string(),
            connection.service.to_string(),
            connection.destination.to_string(),
            state,
            duration::display(connection.expires).to_string(),
            noted,
        ];
        line(columns, out)?;
    }
    Ok(())
}

fn line(columns: [String; 7], out: &mut dyn Write) -> Result<(), OutputError> {
    let [
        protocol,
        client,
        service,
        destination,
        state,
        expires,
        noted,
    ] = columns;
    let line = format!(
        "{protocol:<8}  {client:<21}  {service:<21}  {destination:<21}  {state:<11}  {expires:<8}  {noted}"
    );
    Ok(writeln!(out, "{}", line.trim_end())?)
}

/// Prints a JSON array with one connection a line, as they are read.
pub(crate) fn print_json(
    connections: impl Iterator<Item = Result<Connection, Error>>,
    out: &mut dyn Write,
) -> Outcome {
    let mut write = |text: &str| out.write_all(text.as_bytes()).map_err(OutputError::from);
    write("{\"connections\": [")?;
    for (place, connection) in connections.enumerate() {
        write(if place == 0 { "\n  " } else { ",\n  " })?;
        write(&serde_json::to_string(&connection?)?)?;
    }
    write("\n]}\n")?;
    Ok(())
}
