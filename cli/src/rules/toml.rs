//! The file format of ipvs-rs.

use std::error::Error;
use std::io::Write;

use ipvs::Table;

use super::LineError;

pub(crate) fn write(table: &Table, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let text = toml::to_string(table)?;
    writeln!(out, "# ipvs-rs restore reads this back.\n")?;
    out.write_all(text.as_bytes())?;
    Ok(())
}

pub(crate) fn read(text: &str) -> Result<Table, LineError> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text
            .bytes()
            .take(start)
            .filter(|byte| *byte == b'\n')
            .count()
            + 1;
        let mut what = error.message().trim().replace('\n', ", ");
        if text
            .lines()
            .any(|line| line.trim_start().starts_with("-A "))
        {
            what.push_str(" (these look like ipvsadm's rules: --format ipvsadm reads them)");
        }
        LineError::new(line, what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_of(text: &str) -> String {
        read(text).unwrap_err().to_string()
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
    fn rules_of_ipvsadms_are_recognised() {
        let said = said_of("-A -t 192.0.2.1:80 -s rr\n");
        assert!(
            said.ends_with("(these look like ipvsadm's rules: --format ipvsadm reads them)"),
            "{said}"
        );
    }
}
