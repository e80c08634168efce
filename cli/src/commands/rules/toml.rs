//! The file format of ipvs-rs.

use std::collections::HashSet;
use std::io::{self, BufRead, Write};

use ipvs::{Invalid, ServiceId, Table, Timeouts, VirtualServer};
use serde::de::DeserializeOwned;

use crate::commands::network::{HostsFile, place_and_words};
use crate::ipvsadm::rules::{LineError, Lines, ReadError};

/// A table without what [`Table::drop_invalid`] drops: all else can be written, so that this does not
/// end in the middle of it.
pub(crate) fn write(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# ipvs-rs restore reads this back.")?;
    let mut write = |part: &Table| -> io::Result<()> {
        let text = toml::to_string(part).map_err(io::Error::other)?;
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

/// Reads all of it or nothing: service by service, as the parser takes many times the length of what
/// it reads.
pub(crate) fn read(input: impl BufRead) -> Result<Table, ReadError> {
    let mut lines = Lines::new(input);
    let mut file = File::default();
    let mut header = Header::Other;
    while let Some((number, line)) = lines.next()? {
        if let Some(next) = Header::of(line) {
            if next == Header::Service {
                file.finish_service()?;
            }
            header = next;
        }
        let part = match header {
            Header::Service | Header::OfService => &mut file.service,
            Header::OfHost => &mut file.host,
            Header::Other => &mut file.others,
        };
        part.push(number, line);
    }
    let parts = [&file.service, &file.host, &file.others];
    if parts.iter().all(|part| part.lines.is_empty()) {
        return Err(ReadError::Nothing);
    }
    file.finish_service()?;
    // Checked, and left to `director up` and `real-server up`.
    file.host.parse::<HostsFile>()?;
    let mut others: Table = file.others.parse()?;
    if file.servers.is_empty() {
        file.servers.append(&mut others.virtual_servers);
    }
    if !others.virtual_servers.is_empty() {
        let what = "services are in [[service]] or in service = [], not in both";
        return Err(LineError::new(1, what).into());
    }
    Ok(Table::new(others.timeouts, file.servers).sync_daemons(others.sync_daemons))
}

/// A line in brackets, which says what the next ones are about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Header {
    /// `[[service]]`
    Service,
    /// `[[service.destination]]`, `[service.persistence]`
    OfService,
    /// `[director]`, `[real-server]`
    OfHost,
    Other,
}

impl Header {
    /// Of a line that has nothing else than a header, as the format asks; what only begins with a
    /// bracket is the inside of something that goes over several lines.
    fn of(line: &str) -> Option<Self> {
        let inside = line.trim_start().strip_prefix('[')?;
        let (name, behind) = inside.rsplit_once(']')?;
        if !matches!(behind.trim_start().chars().next(), None | Some('#')) {
            return None;
        }
        let (is_list, name) = match name.strip_prefix('[') {
            Some(name) => (true, name),
            None => (false, name),
        };
        let name = name.trim_start();
        if is_of_host(name) {
            return Some(Self::OfHost);
        }
        let bare = ["service", "\"service\"", "'service'"];
        let behind = bare.iter().find_map(|bare| name.strip_prefix(bare));
        Some(match behind.map(str::trim_start) {
            Some("]") if is_list => Self::Service,
            Some(behind) if behind.starts_with('.') => Self::OfService,
            _ => Self::Other,
        })
    }
}

/// Whether what is between brackets begins with the name of a role.
fn is_of_host(name: &str) -> bool {
    let first = name.split(['.', ']']).next().unwrap_or_default();
    let bare = first.trim_end().trim_matches(['"', '\'']);
    matches!(bare, "director" | "real-server")
}

/// What was read so far.
#[derive(Default)]
struct File {
    /// The service that is being read.
    service: Part,
    /// What is about the host around IPVS.
    host: Part,
    /// All that is of none: little, whatever the length of the file.
    others: Part,
    servers: Vec<VirtualServer>,
    seen: HashSet<ServiceId>,
}

impl File {
    fn finish_service(&mut self) -> Result<(), LineError> {
        let part = &mut self.service;
        for server in part.parse::<Table>()?.virtual_servers {
            let id = server.service.id;
            if !self.seen.insert(id) {
                let line = part.lines.first().copied().unwrap_or_default();
                return Err(LineError::new(line, Invalid::DuplicateService(id)));
            }
            self.servers.push(server);
        }
        part.text.clear();
        part.lines.clear();
        Ok(())
    }
}

/// Lines that are parsed together.
#[derive(Default)]
struct Part {
    text: String,
    /// Which lines of the file they are.
    lines: Vec<usize>,
}

impl Part {
    fn push(&mut self, number: usize, line: &str) {
        self.text.push_str(line);
        self.lines.push(number);
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, LineError> {
        toml::from_str(&self.text).map_err(|error| self.line_error(&error))
    }

    fn line_error(&self, error: &toml::de::Error) -> LineError {
        let (place, mut what) = place_and_words(&self.text, error);
        let line = self.lines.get(place).or(self.lines.last());
        let is_incumbents = |line: &str| line.trim_start().starts_with("-A ");
        if self.text.lines().any(is_incumbents) {
            what.push_str(" (these look like ipvsadm's rules: --format ipvsadm reads them)");
        }
        LineError::new(line.copied().unwrap_or(1), what)
    }
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
            "standard input, line 5: service udp:192.0.2.1:0 needs a port: only a persistent \
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
            "standard input, line 4: service tcp:192.0.2.1:80 is there twice"
        );
        let timeouts = "[timeouts]\nudp = \"30s\"\n";
        assert_eq!(
            said_of(&format!("{timeouts}{service}{timeouts}")),
            "standard input, line 5: duplicate key"
        );
        assert_eq!(
            said_of(&format!("{timeouts}{service}[timeouts]\n")),
            "standard input, line 5: duplicate key"
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
    fn it_is_the_same_as_read_at_once() {
        for text in [
            "service = [{ tcp = \"192.0.2.1:80\", scheduler = \"rr\" }]\n",
            "[[ service ]]\ntcp = \"192.0.2.2:80\"\n[ service . persistence ]\ntimeout = \"5m\"\n\
             [timeouts]\nudp = \"30s\"\n[[service.destination]]\naddress = \"10.0.0.1:80\"\n\
             forward = \"direct\"\n  [[service]] # another\nudp = \"192.0.2.1:53\"\n\
             [[ service . destination ]]\naddress = \"10.0.0.1:53\"\nforward = \"masquerade\"\n\
             [[sync]]\nrole = \"backup\"\ninterface = \"lo\"\n",
            "[[service]]\ntcp = \"192.0.2.1:80\"\n[[\"service\"]]\ntcp = \"192.0.2.2:80\"\n\
             [['service'.destination]]\naddress = \"10.0.0.1:80\"\nforward = \"direct\"\n",
            "[[service]]\ntcp = \"\"\"\n[2001:db8::10]:80\"\"\"\nscheduler = \"rr\"\n",
            "timeouts.tcp = \"1h\"\nsync = []\n\n[[service]]\nfwmark = 7\nscheduler = \"sh\"\n\
             scheduler-flags = [\n\"sh-port\",\n]\n",
        ] {
            let at_once: Table = toml::from_str(text).unwrap();
            assert_eq!(read(text.as_bytes()).unwrap(), at_once, "{text}");
        }
    }

    #[test]
    fn what_is_about_the_host_is_checked_and_left_to_others() {
        let text = "[director]\nvips = [{ address = \"10.0.0.100/24\", device = \"eth0\" }]\n\
                    [[service]]\ntcp = \"10.0.0.100:80\"\n[real-server]\n\
                    vips = [\"10.0.0.100\"]\ndevice = \"eth0\"\n[timeouts]\nudp = \"30s\"\n";
        let table = read(text.as_bytes()).unwrap();
        assert_eq!(table.virtual_servers.len(), 1);
        let said = said_of(&text.replace("vips = [\"", "vip = [\""));
        assert!(
            said.starts_with("standard input, line 6: unknown field `vip`"),
            "{said}"
        );
    }

    #[test]
    fn what_is_refused_at_once_is_refused() {
        for text in [
            "service = [{ tcp = \"192.0.2.1:80\" }]\n[[service]]\ntcp = \"192.0.2.2:80\"\n",
            "[[service]]\ntcp = \"192.0.2.1:80\"\n[[\"\\u0073ervice\"]]\ntcp = \"192.0.2.1:80\"\n",
            "[service]\ntcp = \"192.0.2.1:80\"\n",
            "[[service.destination]]\naddress = \"10.0.0.1:80\"\n",
            "[[service]\ntcp = \"192.0.2.1:80\"\n",
        ] {
            toml::from_str::<Table>(text).unwrap_err();
            assert!(said_of(text).starts_with("standard input, line "), "{text}");
        }
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
