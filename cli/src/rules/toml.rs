//! The file format of ipvs-rs.

use std::collections::HashSet;
use std::error::Error;
use std::io::{BufRead, Write};

use ipvs::{Invalid, ServiceId, SyncDaemon, Table, Timeouts, VirtualServer};

use super::{LineError, Lines, ReadError};

pub(crate) fn write(table: &Table, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    writeln!(out, "# ipvs-rs restore reads this back.")?;
    let mut write = |part: &Table| -> Result<(), Box<dyn Error>> {
        let text = toml::to_string(part)?;
        if !text.is_empty() {
            write!(out, "\n{text}")?;
        }
        Ok(())
    };
    write(&Table::new(table.timeouts, []))?;
    for server in &table.virtual_servers {
        write(&Table::new(Timeouts::default(), [server.clone()]))?;
    }
    write(&Table::default().sync_daemons(table.sync_daemons.clone()))
}

/// What begins a service in this format.
const SERVICE: &str = "[[service]]";

/// Reads all of it or nothing: service by service, as the parser takes many times the length of what
/// it reads.
pub(crate) fn read(input: impl BufRead) -> Result<Table, ReadError> {
    let mut lines = Lines::new(input);
    let mut file = File::default();
    let (mut part, mut first_line) = (String::new(), 1);
    while let Some((number, line)) = lines.next()? {
        if line.trim_start().starts_with(SERVICE) {
            file.take(&part, first_line)?;
            part.clear();
            first_line = number;
        }
        part.push_str(line);
    }
    if part.is_empty() {
        return Err(ReadError::Nothing);
    }
    file.take(&part, first_line)?;
    let table = Table::new(file.timeouts, file.servers).sync_daemons(file.daemons);
    let checked = table.validate();
    checked.map_err(|invalid| LineError::new(file.last_line, invalid))?;
    Ok(table)
}

/// What was read so far.
#[derive(Default)]
struct File {
    timeouts: Timeouts,
    servers: Vec<VirtualServer>,
    daemons: Vec<SyncDaemon>,
    seen: HashSet<ServiceId>,
    last_line: usize,
}

impl File {
    fn take(&mut self, part: &str, first_line: usize) -> Result<(), LineError> {
        self.last_line = first_line;
        let table: Table =
            toml::from_str(part).map_err(|error| line_error(part, &error, first_line))?;
        let refuse = |what: String| Err(LineError::new(first_line, what));
        if table.timeouts != Timeouts::default() {
            if self.timeouts != Timeouts::default() {
                return refuse("timeouts are there twice".to_owned());
            }
            self.timeouts = table.timeouts;
        }
        for server in table.virtual_servers {
            let id = server.service.id;
            if !self.seen.insert(id) {
                return refuse(Invalid::DuplicateService(id).to_string());
            }
            self.servers.push(server);
        }
        self.daemons.extend(table.sync_daemons);
        Ok(())
    }
}

fn line_error(part: &str, error: &toml::de::Error, first_line: usize) -> LineError {
    let start = error.span().map_or(0, |span| span.start);
    let before = part.bytes().take(start);
    let line = first_line + before.filter(|byte| *byte == b'\n').count();
    let mut what = error.message().trim().replace('\n', ", ");
    let is_incumbents = |line: &str| line.trim_start().starts_with("-A ");
    if part.lines().any(is_incumbents) {
        what.push_str(" (these look like ipvsadm's rules: --format ipvsadm reads them)");
    }
    LineError::new(line, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_of(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn an_error_names_the_line_and_the_key() {
        let text = "[[service]]\ntcp = \"192.0.2.1:80\"\nweight = 3\n";
        let said = said_of(text);
        assert!(
            said.starts_with("standard input, line 3: unknown field `weight`"),
            "{said}"
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_line_of_its_service() {
        let text = "\n[[service]]\ntcp = \"192.0.2.1:80\"\n\n[[service]]\nudp = \"192.0.2.1\"\n";
        assert_eq!(
            said_of(text),
            "standard input, line 5: service UDP 192.0.2.1:0 needs a port: only a persistent \
             service takes every port"
        );
    }

    #[test]
    fn lines_count_on_from_service_to_service() {
        let text = "\u{feff}# a comment\r\n\r\n[timeouts]\r\nudp = \"30s\"\r\n\r\n[[service]]\r\ntcp = \
                    \"192.0.2.1:80\"\r\n\r\n[[service]]\r\ntcp = \"192.0.2.2:80\"\r\n\
                    [[service.destination]]\r\naddress = \"10.0.0.1:80\"\r\nwieght = 1\r\n";
        let said = said_of(text);
        assert!(
            said.starts_with("standard input, line 13: unknown field `wieght`"),
            "{said}"
        );
    }

    #[test]
    fn what_is_there_twice_is_refused_with_the_line_of_the_second() {
        let service = "[[service]]\ntcp = \"192.0.2.1:80\"\n";
        assert_eq!(
            said_of(&format!("{service}\n{service}")),
            "standard input, line 4: service TCP 192.0.2.1:80 is there twice"
        );
        let timeouts = "[timeouts]\nudp = \"30s\"\n";
        assert_eq!(
            said_of(&format!("{timeouts}{service}{timeouts}")),
            "standard input, line 3: timeouts are there twice"
        );
    }

    #[test]
    fn all_parts_of_a_table_come_back_in_the_order_of_its_services() {
        let text = "[timeouts]\ntcp = \"10m\"\n\n[[service]]\ntcp = \"192.0.2.1:80\"\n\
                    scheduler = \"rr\"\n\n[[service.destination]]\naddress = \"10.0.0.1:80\"\n\
                    forward = \"direct\"\nweight = 1\n\n[[service]]\nfwmark = 7\n\
                    family = \"ipv4\"\nscheduler = \"wlc\"\n\n[[sync]]\nrole = \"master\"\n\
                    interface = \"lo\"\nsync-id = 0\n";
        let mut out = Vec::new();
        write(&read(text.as_bytes()).unwrap(), &mut out).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert_eq!(
            written,
            format!("# ipvs-rs restore reads this back.\n\n{text}")
        );
    }

    #[test]
    fn nothing_at_all_is_an_error_and_a_comment_is_not() {
        let said = "standard input is empty: there is nothing to restore";
        assert_eq!(said_of(""), said);
        assert_eq!(read("# nothing\n".as_bytes()).unwrap(), Table::default());
    }

    #[test]
    fn rules_of_ipvsadms_are_recognised() {
        let said = said_of("-A -t 192.0.2.1:80 -s rr\n");
        assert!(
            said.ends_with("(these look like ipvsadm's rules: --format ipvsadm reads them)"),
            "{said}"
        );
    }
}
