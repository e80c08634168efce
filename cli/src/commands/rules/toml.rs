//! The file format of ipvs-rs.

use std::io::{self, Read};

use ipvs::Table;
use lbnet::{File, WriteFileError};

use crate::ending::Failure;
use crate::ipvsadm::rules::ReadError;

/// The text of a file without what [`Table::drop_invalid`] drops: the format can say all of it. Each note
/// becomes a comment.
pub(super) fn text(file: &File, notes: &[String]) -> Result<String, WriteFileError> {
    let text = file.to_toml()?;
    let mut whole = "# ipvs-rs restore reads this back.\n".to_owned();
    // A comment ends with its line.
    let lines = notes.iter().map(|note| note.replace(char::is_control, " "));
    whole.extend(lines.map(|note| format!("# {note}\n")));
    if !text.is_empty() {
        whole.push('\n');
        whole.push_str(&text);
    }
    Ok(whole)
}

/// Reads all of it or nothing. `[director]` and `[real-server]` are checked, and left to
/// `director up` and `real-server up`.
pub(super) fn read(input: impl Read) -> Result<Table, Failure> {
    let text = io::read_to_string(input).map_err(ReadError::Input)?;
    if text.is_empty() {
        return Err(ReadError::Nothing.into());
    }
    match File::parse(&text) {
        Ok(file) => Ok(file.table),
        Err(error) => Err(format!("standard input, {error}{}", hint(&text)).into()),
    }
}

fn hint(text: &str) -> &'static str {
    if text
        .lines()
        .any(|line| line.trim_start().starts_with("-A "))
    {
        " (these look like ipvsadm's rules: --format ipvsadm reads them)"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_of(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn all_parts_of_a_table_come_back_in_the_order_of_its_services() {
        let text = "[timeouts]\ntcp = \"10m\"\n\n[[service]]\ntcp = \"192.0.2.1:80\"\n\
                    scheduler = \"rr\"\n\n[[service.destination]]\naddress = \"10.0.0.1:80\"\n\
                    forward = \"direct\"\nweight = 1\n\n[[service]]\nfwmark = 7\n\
                    family = \"ipv4\"\nscheduler = \"wlc\"\n\n[[sync]]\nrole = \"master\"\n\
                    interface = \"lo\"\nsync-id = 0\n";
        assert_eq!(
            super::text(&File::new(read(text.as_bytes()).unwrap()), &[]).unwrap(),
            format!("# ipvs-rs restore reads this back.\n\n{text}")
        );
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
            said.starts_with("standard input, line 6, column 1: unknown key `vip`"),
            "{said}"
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
