//! Aligned columns without borders, as `ss` and `ip` print them.
//!
//! This is our own code because a list can have a hundred thousand rows. The table libraries need several
//! times as long for it as reading the table from the kernel takes.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use std::ops::Range;

/// Rows with aligned cells. The columns in `numbers` are aligned to the right.
pub(crate) struct Columns {
    /// All cells one after another; a separate string for each cell would need much more memory.
    text: String,
    widths: Vec<usize>,
    numbers: Range<usize>,
}

/// Reserved at the start, so that the text is never moved while it grows. Pages that are not written to
/// use no memory.
const LONG_LIST: usize = 1 << 20;

/// These end each cell and each row. No cell contains them.
const CELL_END: char = '\0';
const ROW_END: char = '\n';

impl Columns {
    pub(crate) fn new(numbers: Range<usize>) -> Self {
        Self {
            text: String::with_capacity(LONG_LIST),
            widths: Vec::new(),
            numbers,
        }
    }

    pub(crate) fn row<T: Display>(&mut self, cells: impl IntoIterator<Item = T>) {
        for (place, cell) in cells.into_iter().enumerate() {
            let start = self.text.len();
            let written = write!(self.text, "{cell}");
            debug_assert!(written.is_ok(), "a string takes everything");
            let width = self.finish_cell(start);
            match self.widths.get_mut(place) {
                Some(widest) => *widest = width.max(*widest),
                None => self.widths.push(width),
            }
        }
        self.text.push(ROW_END);
    }

    /// Ends the cell that begins at `start`; returns its width in characters.
    fn finish_cell(&mut self, start: usize) -> usize {
        let cell = self.text.get(start..).unwrap_or_default();
        if cell.contains(char::is_control) {
            let shown = cell.replace(char::is_control, "\u{fffd}");
            self.text.truncate(start);
            self.text.push_str(&shown);
        }
        let cell = self.text.get(start..).unwrap_or_default();
        let width = cell.chars().count();
        self.text.push(CELL_END);
        width
    }

    /// Prints the rows, with two blanks between columns and none at the end of a line.
    pub(crate) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut line = String::new();
        for row in self.text.split_terminator(ROW_END) {
            line.clear();
            let cells = row.split_terminator(CELL_END);
            for (place, (cell, width)) in cells.zip(&self.widths).enumerate() {
                let padding = width - cell.chars().count();
                let padding = std::iter::repeat_n(' ', padding);
                if self.numbers.contains(&place) {
                    line.extend(padding);
                    line.push_str(cell);
                } else {
                    line.push_str(cell);
                    line.extend(padding);
                }
                line.push_str("  ");
            }
            line.truncate(line.trim_end().len());
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_to_the_left_and_numbers_to_the_right() {
        let mut columns = Columns::new(1..2);
        columns.row(["Service", "Weight", "Options"]);
        columns.row(["a"]);
        columns.row(["longer than all", "7", "x"]);
        columns.row(["é", "1234567", ""]);
        let mut printed = Vec::new();
        columns.print(&mut printed).unwrap();
        assert_eq!(
            String::from_utf8(printed).unwrap(),
            "Service           Weight  Options\n\
             a\n\
             longer than all        7  x\n\
             é                1234567\n"
        );
    }

    #[test]
    fn what_would_move_the_cursor_is_shown_as_something_that_does_not() {
        let mut columns = Columns::new(1..1);
        columns.row(["a\nb\0c\u{1b}[2J", "d"]);
        let mut printed = Vec::new();
        columns.print(&mut printed).unwrap();
        assert_eq!(
            String::from_utf8(printed).unwrap(),
            "a\u{fffd}b\u{fffd}c\u{fffd}[2J  d\n"
        );
    }

    #[test]
    fn empty_cells_and_rows_keep_their_place() {
        let mut columns = Columns::new(1..2);
        columns.row(["a", "", "b"]);
        columns.row([] as [&str; 0]);
        columns.row(["", "12", ""]);
        let mut printed = Vec::new();
        columns.print(&mut printed).unwrap();
        assert_eq!(String::from_utf8(printed).unwrap(), "a      b\n\n   12\n");
    }

    #[test]
    fn no_rows_are_no_lines() {
        let mut printed = Vec::new();
        Columns::new(0..0).print(&mut printed).unwrap();
        assert_eq!(printed, b"");
    }
}
