//! Changes tables of a TOML document as little as possible.

use toml_edit::{ArrayOfTables, Item, Table, TableLike};

/// Values that a person need not write.
const DEFAULTS: [(&str, &str); 5] = [
    ("forward", "\"direct\""),
    ("weight", "1"),
    ("scheduler", "\"wlc\""),
    ("family", "\"ipv4\""),
    ("sync-id", "0"),
];

/// Gives a table the keys and values of another, except for one key. Values that say the same stay as they
/// are written.
pub(super) fn keys(table: &mut dyn TableLike, wanted: &dyn TableLike, except: Option<&str>) {
    let is_other = |key: &str| except != Some(key);
    let gone: Vec<_> = table.iter().map(|(key, _)| key.to_owned()).collect();
    for key in gone {
        if is_other(&key) && !wanted.contains_key(&key) {
            table.remove(&key);
        }
    }
    for (key, new) in wanted.iter().filter(|(key, _)| is_other(key)) {
        match table.get_mut(key) {
            Some(present) => value(present, new),
            None if DEFAULTS.contains(&(key, &text(new))) => {}
            None => {
                table.insert(key, placed_anywhere(new.clone()));
            }
        }
    }
}

fn value(present: &mut Item, wanted: &Item) {
    if text(present) == text(wanted) || is_same_duration(present, wanted) {
        return;
    }
    if let (Some(present), Some(wanted)) = (present.as_table_like_mut(), wanted.as_table_like()) {
        keys(present, wanted, None);
        return;
    }
    match (present.as_value_mut(), wanted.as_value()) {
        (Some(present), Some(wanted)) => {
            let decor = present.decor().clone();
            *present = wanted.clone();
            *present.decor_mut() = decor;
        }
        _ => *present = placed_anywhere(wanted.clone()),
    }
}

/// `"300"` and `"5m"`.
fn is_same_duration(one: &Item, other: &Item) -> bool {
    let read = |item: &Item| ipvs::duration::parse(item.as_str()?).ok();
    read(one).is_some() && read(one) == read(other)
}

fn text(item: &Item) -> String {
    item.to_string().trim().to_owned()
}

/// Gives a list of tables the elements that are wanted: removes others, changes those with the same name,
/// and appends new ones.
///
/// A comment that a blank line separates from what is removed stays: before the next element, or else in
/// `left`.
pub(super) fn list<K: PartialEq>(
    list: &mut ArrayOfTables,
    wanted: &ArrayOfTables,
    name: impl Fn(&Table) -> Option<K>,
    mut change: impl FnMut(&mut Table, &Table, &K),
    left: &mut String,
) {
    let named: Vec<_> = wanted.iter().map(|table| (name(table), table)).collect();
    let mut place = 0;
    while let Some(table) = list.get_mut(place) {
        let present = name(table);
        let wanted = named.iter().find(|(name, _)| *name == present);
        if let (Some(name), Some((_, wanted))) = (present, wanted) {
            change(table, wanted, &name);
            place += 1;
            continue;
        }
        let comment = comment_apart(table);
        list.remove(place);
        match list.get_mut(place) {
            Some(next) => prepend(next, &comment),
            None => left.push_str(&comment),
        }
    }
    let present: Vec<_> = list.iter().map(&name).collect();
    for (name, table) in named {
        if !present.contains(&name) {
            list.push(new((*table).clone()));
        }
    }
}

/// What a blank line separates from the table that it precedes.
pub(super) fn comment_apart(table: &Table) -> String {
    let before = prefix(table);
    match before.rfind("\n\n") {
        Some(end) if before.contains('#') => before.get(..=end).unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

fn prepend(table: &mut Table, comment: &str) {
    if !comment.is_empty() {
        let before = format!("{comment}{}", prefix(table));
        table.decor_mut().set_prefix(before);
    }
}

fn prefix(table: &Table) -> String {
    let prefix = table.decor().prefix().and_then(|raw| raw.as_str());
    prefix.unwrap_or_default().to_owned()
}

/// A table that begins after a blank line, behind the tables before it.
pub(super) fn new(mut table: Table) -> Table {
    table.decor_mut().set_prefix("\n");
    unplace(&mut table);
    table
}

/// The item without the position that it had in another document.
pub(super) fn placed_anywhere(mut item: Item) -> Item {
    match &mut item {
        Item::Table(table) => unplace(table),
        Item::ArrayOfTables(tables) => tables.iter_mut().for_each(unplace),
        _ => {}
    }
    item
}

fn unplace(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(table) => unplace(table),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(unplace),
            _ => {}
        }
    }
}
