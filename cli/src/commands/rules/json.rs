//! Rules in the JSON of the library.

use std::io::{self, BufRead, Write};

use ipvs::{Table, json};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::ending::Failure;
use crate::ipvsadm::rules::ReadError;

/// Writes each service and each destination on a line of its own.
pub(super) fn write(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    let table = json::Table(table);
    table.serialize(&mut Serializer::with_formatter(&mut *out, OneALine))?;
    writeln!(out)
}

/// JSON in which each element of a list begins a line.
struct OneALine;

impl Formatter for OneALine {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"\n" } else { b",\n" })
    }
}

/// Reads and checks all of the input.
pub(super) fn read(mut input: impl BufRead) -> Result<Table, Failure> {
    if input.fill_buf().map_err(ReadError::from)?.is_empty() {
        return Err(ReadError::Nothing.into());
    }
    let read: Result<json::Table, _> = serde_json::from_reader(input);
    match read {
        Ok(json::Table(table)) => Ok(table),
        Err(error) => Err(with_position(&error).into()),
    }
}

/// The error with its position in front, where the errors of the other formats have theirs.
fn with_position(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    match said.strip_suffix(&format!(" at line {line} column {column}")) {
        Some(what) => format!("standard input, line {line}, column {column}: {what}"),
        None => format!("standard input: {said}"),
    }
}

/// Whether the input can be JSON: no TOML file begins with a brace.
pub(super) fn is_json(input: &mut impl BufRead) -> io::Result<bool> {
    let begun = input.fill_buf()?;
    let first = begun.iter().find(|byte| !byte.is_ascii_whitespace());
    Ok(first == Some(&b'{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "{\"timeouts\":{\"tcp\":\"15m\",\"tcp_fin\":null,\"udp\":null},\"services\":[\n\
        {\"protocol\":\"tcp\",\"address\":\"192.0.2.1\",\"port\":80,\"fwmark\":null,\
        \"family\":\"ipv4\",\"scheduler\":\"rr\",\"scheduler_flags\":[],\"persistence\":null,\
        \"persistence_engine\":null,\"one_packet\":false,\"destinations\":[\n\
        {\"address\":\"198.51.100.1\",\"port\":80,\"forward\":\"direct\",\"weight\":1,\
        \"upper_threshold\":null,\"lower_threshold\":null,\"tunnel\":null}]}],\
        \"sync_daemons\":[]}\n";

    fn said_of(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_service_and_a_destination_are_a_line_each_and_come_back() {
        let table = read(RULES.as_bytes()).unwrap();
        assert_eq!(table.virtual_servers[0].destinations.len(), 1);
        let mut written = Vec::new();
        write(&table, &mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), RULES);
    }

    #[test]
    fn an_error_names_the_position() {
        let wrong = RULES.replace("\"weight\"", "\"wieght\"");
        let said = said_of(&wrong);
        assert!(
            said.starts_with("standard input, line 3, column 64: unknown field `wieght`"),
            "{said}"
        );
        let cut = RULES.split_at(RULES.len() / 2).0;
        let said = said_of(cut);
        assert!(
            said.starts_with("standard input, line 2, column "),
            "{said}"
        );
        assert_eq!(
            said_of(""),
            "standard input is empty: there is nothing to restore"
        );
    }

    #[test]
    fn what_begins_with_a_brace_is_json() {
        for (text, is) in [
            (RULES, true),
            ("\n {", true),
            ("", false),
            ("# a comment\n", false),
            ("[[service]]\n", false),
            ("-A -t 192.0.2.1:80\n", false),
        ] {
            assert_eq!(is_json(&mut text.as_bytes()).unwrap(), is, "{text}");
        }
    }
}
