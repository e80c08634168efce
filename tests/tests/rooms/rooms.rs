//! The rooms of a crate: a module with everything below it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::modules::{Crate, ModuleId};

/// Modules that lie side by side, and the file of the module around them.
pub(crate) struct Floor {
    /// The module around them, as a path.
    pub(crate) inside: String,
    /// The room to which each file belongs. The module around them is a room too, under its own name.
    pub(crate) rooms: BTreeMap<PathBuf, String>,
}

/// Every floor of the crate.
pub(crate) fn floors(parsed: &Crate) -> Vec<Floor> {
    let with_children = parsed
        .ids()
        .filter(|&id| !parsed.module(id).children.is_empty());
    with_children.map(|id| floor(parsed, id)).collect()
}

/// The rooms inside a module.
pub(crate) fn floor(parsed: &Crate, id: ModuleId) -> Floor {
    let module = parsed.module(id);
    let own = module.file.file_stem().unwrap().to_string_lossy();
    let own = if own == "mod" {
        module
            .file
            .parent()
            .unwrap()
            .file_stem()
            .unwrap()
            .to_string_lossy()
    } else {
        own
    };
    let mut rooms = BTreeMap::from([(module.file.clone(), own.into_owned())]);
    for (name, &child) in &module.children {
        place(parsed, child, name, &mut rooms);
    }
    let inside = module.file.display().to_string();
    Floor { inside, rooms }
}

/// Files that are placed already stay: an inline module lies in the file of the one around it.
fn place(parsed: &Crate, id: ModuleId, room: &str, rooms: &mut BTreeMap<PathBuf, String>) {
    let module = parsed.module(id);
    let file = module.file.clone();
    rooms.entry(file).or_insert_with(|| room.to_owned());
    for &child in module.children.values() {
        place(parsed, child, room, rooms);
    }
}
