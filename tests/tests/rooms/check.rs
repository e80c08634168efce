//! What is wrong with a crate.

use std::collections::BTreeSet;

use crate::arrows::{self, Arrow, Arrows, Target};
use crate::circles;
use crate::modules::Crate;
use crate::rooms::{self, Floor};
use crate::sources::Sources;
use crate::table::Table;

/// A crate, and who needs whom in it.
pub(crate) struct Check<'a> {
    sources: &'a Sources,
    parsed: Crate,
    arrows: Arrows,
}

/// Everything that is wrong, one text each.
pub(crate) fn complaints(sources: &Sources, table: &Table) -> Vec<String> {
    let check = Check::new(sources);
    let parts = [check.gaps(), check.circles(), check.against(table)];
    parts.concat()
}

impl<'a> Check<'a> {
    pub(crate) fn new(sources: &'a Sources) -> Self {
        let parsed = Crate::parse(sources);
        let arrows = arrows::of(&parsed);
        Self {
            sources,
            parsed,
            arrows,
        }
    }

    /// What the check could not follow, so that it says nothing about it.
    pub(crate) fn gaps(&self) -> Vec<String> {
        let unread = self.sources.files.keys();
        let unread = unread.filter(|it| !self.parsed.has_file(it));
        let unread = unread.map(|it| format!("{}: no `mod` leads to it", it.display()));
        let unresolved = self.arrows.unresolved.iter();
        let unresolved =
            unresolved.map(|it| format!("{it}: leads to nothing that this check knows"));
        unread.chain(unresolved).collect()
    }

    /// Circles between files, and those between rooms that lie side by side which do not follow from them.
    pub(crate) fn circles(&self) -> Vec<String> {
        let arrows = &self.arrows.all;
        let of_files = circles::of_files(arrows);
        let of_rooms = rooms::floors(&self.parsed);
        let of_rooms = of_rooms.iter().flat_map(|it| circles::of_rooms(it, arrows));
        let others = of_rooms.filter(|room| !of_files.iter().any(|file| file.is_part_of(room)));
        let others: Vec<_> = others.collect();
        let all = of_files.iter().chain(&others);
        all.map(ToString::to_string).collect()
    }

    /// What goes against the table, or does not fit it.
    pub(crate) fn against(&self, table: &Table) -> Vec<String> {
        let top = rooms::floor(&self.parsed, Crate::ROOT);
        let mut found = table.mistakes(&self.parsed.folder);
        found.extend(self.rooms_and_rows(&top, table));
        let forbidden = self.arrows.all.iter();
        found.extend(forbidden.filter_map(|it| self.forbids(&top, it, table)));
        found
    }

    /// Rooms without a row, and rows without a room.
    fn rooms_and_rows(&self, top: &Floor, table: &Table) -> Vec<String> {
        let folder = &self.parsed.folder;
        let root = &self.parsed.module(Crate::ROOT).file;
        let ends_there = |it: &Arrow| it.from == *root || it.to == Target::File(root.clone());
        // The root of a library only re-exports: it is no room.
        let is_empty = !self.arrows.all.iter().any(ends_there);
        let rooms = top
            .rooms
            .iter()
            .filter(|(file, _)| !(is_empty && *file == root));
        let rooms: BTreeSet<_> = rooms.map(|(_, room)| room.as_str()).collect();
        let rows: BTreeSet<_> = table.rooms(folder).into_iter().collect();
        let without_row = rooms.difference(&rows);
        let without_row = without_row
            .map(|room| format!("{folder}/src: the room `{room}` has no row in the table"));
        let without_room = rows.difference(&rooms);
        let without_room =
            without_room.map(|room| format!("table: `{folder}` has no room `{room}`"));
        without_row.chain(without_room).collect()
    }

    /// What the table has against an arrow. Of a room without a row, that is said already.
    fn forbids(&self, top: &Floor, arrow: &Arrow, table: &Table) -> Option<String> {
        let room = top.rooms.get(&arrow.from)?;
        let taken = match &arrow.to {
            Target::File(file) => top.rooms.get(file).filter(|it| *it != room)?.clone(),
            Target::Crate(name) => Some(name.replace('_', "-")).filter(|it| table.has_crate(it))?,
        };
        if !table.rooms(&self.parsed.folder).contains(&room.as_str()) {
            return None;
        }
        let allowed = table.allowed(&self.parsed.folder, room);
        if allowed.contains(taken.as_str()) {
            return None;
        }
        let names: Vec<_> = allowed.iter().map(|it| format!("`{it}`")).collect();
        let allowed = if names.is_empty() {
            "nothing".to_owned()
        } else {
            names.join(", ")
        };
        Some(format!(
            "{arrow}: `{room}` may use {allowed}, and not `{taken}`"
        ))
    }
}
