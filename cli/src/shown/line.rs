use std::io::{self, Write};

/// A progress line: overwritten in place on a terminal, printed as a new line elsewhere.
pub(crate) struct Line<W: Write> {
    to: W,
    is_terminal: bool,
    shown: String,
}

impl<W: Write> Line<W> {
    pub(crate) fn new(to: W, is_terminal: bool) -> Self {
        Self {
            to,
            is_terminal,
            shown: String::new(),
        }
    }

    pub(crate) fn show(&mut self, text: String) -> io::Result<()> {
        if text == self.shown {
            return Ok(());
        }
        self.write(&text)?;
        if !self.is_terminal {
            writeln!(self.to)?;
        }
        self.to.flush()?;
        self.shown = text;
        Ok(())
    }

    /// Prints a message above the progress line. The next `show` prints the progress line again.
    pub(crate) fn say_above(&mut self, text: &str) -> io::Result<()> {
        self.shown.clear();
        self.write(text)?;
        writeln!(self.to)
    }

    /// Keeps the line on the screen; later output begins below it.
    pub(crate) fn end(mut self) -> io::Result<()> {
        if self.is_terminal && !self.shown.is_empty() {
            writeln!(self.to)?;
        }
        Ok(())
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        if self.is_terminal {
            const ERASE_THE_REST: &str = "\x1b[K";
            write!(self.to, "\r{text}{ERASE_THE_REST}")
        } else {
            write!(self.to, "{text}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(is_terminal: bool) -> String {
        let mut bytes = Vec::new();
        let mut line = Line::new(&mut bytes, is_terminal);
        for text in ["2 left", "2 left"] {
            line.show(text.to_owned()).unwrap();
        }
        line.say_above("careful").unwrap();
        for text in ["2 left", "1 left", "1 left"] {
            line.show(text.to_owned()).unwrap();
        }
        line.end().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_terminal_has_one_line_and_a_file_one_for_each_change() {
        assert_eq!(written(false), "2 left\ncareful\n2 left\n1 left\n");
        assert_eq!(
            written(true).replace("\x1b[K", "|"),
            "\r2 left|\rcareful|\n\r2 left|\r1 left|\n"
        );
    }

    #[test]
    fn nothing_shown_is_nothing_written() {
        let mut bytes = Vec::new();
        Line::new(&mut bytes, true).end().unwrap();
        assert_eq!(bytes, b"");
    }
}
