//! Columns without lines between them, as other programs of the trade print them.
//!
//! By hand: a table of a hundred thousand rows is a list here, and the libraries for tables take
//! several times as long over it as reading it from the kernel takes.

use std::io::{self, Write};
use std::ops::Range;

/// Rows whose cells stand below each other; those of the columns in `numbers` to the right.
pub(crate) struct Columns {
    rows: Vec<Vec<String>>,
    numbers: Range<usize>,
}

impl Columns {
    pub(crate) fn new(numbers: Range<usize>) -> Self {
        Self {
            rows: Vec::new(),
            numbers,
        }
    }

    pub(crate) fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Prints them, two blanks between columns and none at the end.
    pub(crate) fn print(self, out: &mut dyn Write) -> io::Result<()> {
        let widths = self.widths();
        let mut line = String::new();
        for row in &self.rows {
            line.clear();
            for (place, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let padding = width - cell.chars().count();
                if self.numbers.contains(&place) {
                    line.extend(std::iter::repeat_n(' ', padding));
                    line.push_str(cell);
                } else {
                    line.push_str(cell);
                    line.extend(std::iter::repeat_n(' ', padding));
                }
                line.push_str("  ");
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        widths
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
    fn no_rows_are_no_lines() {
        let mut printed = Vec::new();
        Columns::new(0..0).print(&mut printed).unwrap();
        assert_eq!(printed, b"");
    }
}
