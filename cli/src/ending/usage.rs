use std::process::ExitCode;

use clap::error::ErrorKind;

use super::Ended;

/// Reports wrong arguments on one line, which names the argument and the allowed values.
///
/// `--help` and `--version` are not errors; clap prints them to standard output.
pub(crate) fn report(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            super::status(Ok(Ended::Done), error.print())
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(2)
        }
        _ => {
            super::say(one_line(&error.render().to_string()));
            ExitCode::from(2)
        }
    }
}

/// Clap's message without its usage lines, with its tips in parentheses.
fn one_line(rendered: &str) -> String {
    let paragraphs = rendered.split("\n\n").map(|paragraph| {
        paragraph
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
    });
    let mut line = String::new();
    for (place, paragraph) in paragraphs.enumerate() {
        match paragraph.first() {
            Some(first) if place == 0 => {
                line.push_str(first);
                let separator = if first.ends_with(':') { " " } else { "; " };
                let rest = paragraph.get(1..).unwrap_or_default().join(", ");
                if !rest.is_empty() {
                    line.push_str(separator);
                    line.push_str(&rest);
                }
            }
            Some(first) if first.starts_with("tip: ") => {
                line.push_str(" (");
                line.push_str(first.trim_start_matches("tip: "));
                line.push(')');
            }
            _ => {}
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Cli;
    use clap::Parser;

    fn said_of(arguments: &str) -> String {
        let words = std::iter::once("ipvs-rs").chain(arguments.split_whitespace());
        one_line(&Cli::try_parse_from(words).unwrap_err().render().to_string())
    }

    #[test]
    fn a_wrong_argument_is_one_line_that_names_it_and_what_is_allowed() {
        for (arguments, line) in [
            (
                "add-service -t 10.1:80",
                "error: invalid value '10.1:80' for '--tcp <ADDRESS:PORT>': \"10.1:80\" is not an \
                 address and port: write 192.0.2.10:80 or [2001:db8::10]:80",
            ),
            (
                "add-service -s rr",
                "error: the following required arguments were not provided: \
                 <--tcp <ADDRESS:PORT>|--udp <ADDRESS:PORT>|--sctp <ADDRESS:PORT>|--fwmark <MARK>>",
            ),
            (
                "add-service -t 192.0.2.1:80 -u 192.0.2.1:80",
                "error: the argument '--tcp <ADDRESS:PORT>' cannot be used with \
                 '--udp <ADDRESS:PORT>'",
            ),
            (
                "add-service -f 0",
                "error: invalid value '0' for '--fwmark <MARK>': a firewall mark is a number from 1 to \
                 4294967295, or from 0x1 to 0xffffffff",
            ),
            (
                "add-destination -t 192.0.2.1:80 -r 192.0.2.2 -w -1",
                "error: invalid value '-1' for '--weight <WEIGHT>': a weight is a number from 0 to \
                 2147483647",
            ),
            (
                "add-service -t 192.0.2.1:80 -p soon",
                "error: invalid value 'soon' for '--persistent [<TIME>]': \"soon\" is not a \
                 duration: write 300, 300s or 5m",
            ),
            (
                "lst",
                "error: unrecognized subcommand 'lst' (a similar subcommand exists: 'list')",
            ),
            (
                "list --ratee",
                "error: unexpected argument '--ratee' found (a similar argument exists: '--rate')",
            ),
        ] {
            assert_eq!(said_of(arguments), line);
        }
    }
}
