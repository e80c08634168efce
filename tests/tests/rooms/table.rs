//! The table of rooms in CONTRIBUTING.md.

use std::collections::BTreeSet;

/// Its first line.
const HEAD: &str = "| crate | room | holds | may use |";

/// Which rooms there are, and what each may use.
pub(crate) struct Table {
    rows: Vec<Row>,
}

struct Row {
    folder: String,
    room: String,
    /// Rooms of the same crate, and crates.
    may_use: Vec<String>,
}

impl Table {
    /// Reads the table from the text around it.
    pub(crate) fn read(text: &str) -> Self {
        let lines = text.lines().skip_while(|line| *line != HEAD).skip(2);
        let rows = lines.take_while(|line| line.starts_with('|'));
        Self {
            rows: rows.map(Row::read).collect(),
        }
    }

    /// The rooms of a crate, as often as they are there.
    pub(crate) fn rooms(&self, folder: &str) -> Vec<&str> {
        let rows = self.rows.iter().filter(|row| row.folder == folder);
        rows.map(|row| row.room.as_str()).collect()
    }

    /// Whether the table is about this crate.
    pub(crate) fn has_crate(&self, folder: &str) -> bool {
        self.rows.iter().any(|row| row.folder == folder)
    }

    /// All rooms and crates that a room may use: those that its row names, and what they may use.
    pub(crate) fn allowed(&self, folder: &str, room: &str) -> BTreeSet<&str> {
        let mut allowed = BTreeSet::new();
        let mut next = vec![room];
        while let Some(room) = next.pop() {
            let row = self
                .rows
                .iter()
                .find(|it| it.folder == folder && it.room == room);
            for name in row.into_iter().flat_map(|it| &it.may_use) {
                if allowed.insert(name.as_str()) {
                    next.push(name);
                }
            }
        }
        allowed
    }

    /// What is wrong with the rows of a crate themselves.
    pub(crate) fn mistakes(&self, folder: &str) -> Vec<String> {
        let rooms = self.rooms(folder);
        let mut mistakes = Vec::new();
        for row in self.rows.iter().filter(|row| row.folder == folder) {
            let room = &row.room;
            if rooms.iter().filter(|it| *it == room).count() > 1 {
                mistakes.push(format!("table: `{folder}` has two rows for `{room}`"));
            }
            if self.allowed(folder, room).contains(room.as_str()) {
                mistakes.push(format!("table: `{folder}`: `{room}` stands on itself"));
            }
            for name in &row.may_use {
                if !rooms.contains(&name.as_str()) && !self.has_crate(name) {
                    mistakes.push(format!(
                        "table: `{folder}`: `{room}` may use `{name}`, which is neither a room of the \
                         crate nor a crate"
                    ));
                }
            }
        }
        mistakes
    }
}

impl Row {
    fn read(line: &str) -> Self {
        let cells: Vec<_> = line.trim_matches('|').split('|').collect();
        let [folder, room, _, may_use] = cells[..] else {
            panic!("a row of four cells: {line}");
        };
        let name = |cell: &str| cell.trim().trim_matches('`').to_owned();
        let in_backticks = may_use.split('`').skip(1).step_by(2);
        Self {
            folder: name(folder),
            room: name(room),
            may_use: in_backticks.map(ToOwned::to_owned).collect(),
        }
    }
}
