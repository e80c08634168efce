//! Columns without lines between them, as other programs of the trade print them.

use std::io::{self, Write};
use std::ops::Range;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Row, Table};

/// A table whose columns in `numbers` are aligned to the right.
pub(crate) struct Columns {
    table: Table,
    numbers: Range<usize>,
}

impl Columns {
    pub(crate) fn new(numbers: Range<usize>) -> Self {
        let mut table = Table::new();
        table.load_preset(comfy_table::presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        Self { table, numbers }
    }

    pub(crate) fn row<T: ToString>(&mut self, cells: impl IntoIterator<Item = T>) {
        let cells = cells.into_iter().enumerate().map(|(place, text)| {
            let alignment = if self.numbers.contains(&place) {
                CellAlignment::Right
            } else {
                CellAlignment::Left
            };
            Cell::new(text).set_alignment(alignment)
        });
        self.table.add_row(Row::from(cells.collect::<Vec<_>>()));
    }

    /// Prints it; the space around the columns is only between them.
    pub(crate) fn print(mut self, out: &mut dyn Write) -> io::Result<()> {
        for column in self.table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        for line in self.table.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
