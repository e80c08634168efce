//! Updates each section of a file.

use std::num::NonZeroU32;

use ipvs::{DestinationId, Endpoint, Family, ServiceId, SyncRole, VirtualServer};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use super::error::UpdateFileError;
use super::merge;
use crate::node::file::File;

/// The text of a file that says what is wanted, made from a text that said what was before.
pub(super) fn updated(text: &str, before: &File, wanted: &File) -> Result<String, UpdateFileError> {
    let parse = |text: &str| {
        text.parse::<DocumentMut>()
            .map_err(|_| UpdateFileError::Form)
    };
    let mut document = parse(text)?;
    let fresh = parse(&wanted.to_toml().map_err(UpdateFileError::Words)?)?;
    let mut left = String::new();
    if before.table.timeouts != wanted.table.timeouts {
        table(&mut document, &fresh, "timeouts", &mut left);
    }
    if before.table.virtual_servers != wanted.table.virtual_servers {
        let changed = |table: &mut Table, fresh: &Table, id: &ServiceId, left: &mut String| {
            let was = server(&before.table.virtual_servers, *id);
            let is = server(&wanted.table.virtual_servers, *id);
            if let (Some(was), Some(is)) = (was, is) {
                service(table, fresh, was, is, left);
            }
        };
        list(
            &mut document,
            &fresh,
            "service",
            service_id,
            changed,
            &mut left,
        )?;
    }
    if before.table.sync_daemons != wanted.table.sync_daemons {
        let changed = |table: &mut Table, fresh: &Table, _: &SyncRole, _: &mut String| {
            merge::keys(table, fresh, None);
        };
        list(&mut document, &fresh, "sync", role, changed, &mut left)?;
    }
    if before.directors != wanted.directors {
        anew(&mut document, &fresh, "director");
    }
    if before.real_servers != wanted.real_servers {
        anew(&mut document, &fresh, "real-server");
    }
    if !left.is_empty() {
        let trailing = document.trailing().as_str().unwrap_or_default();
        let trailing = format!("{left}{trailing}");
        document.set_trailing(trailing);
    }
    Ok(document.to_string())
}

fn server(servers: &[VirtualServer], id: ServiceId) -> Option<&VirtualServer> {
    servers.iter().find(|server| server.service.id == id)
}

/// Updates a service, which is in both files.
fn service(
    table: &mut Table,
    fresh: &Table,
    was: &VirtualServer,
    is: &VirtualServer,
    left: &mut String,
) {
    if was.service != is.service {
        merge::keys(table, fresh, Some("destination"));
    }
    if was.destinations == is.destinations {
        return;
    }
    let none = ArrayOfTables::new();
    let wanted = fresh.get("destination").and_then(Item::as_array_of_tables);
    let wanted = wanted.unwrap_or(&none);
    let present = table
        .entry("destination")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(present) = present.as_array_of_tables_mut() else {
        // Written in one line.
        let mut anew = ArrayOfTables::new();
        wanted
            .iter()
            .for_each(|destination| anew.push(merge::new(destination.clone())));
        *present = Item::ArrayOfTables(anew);
        return;
    };
    let find = |server: &VirtualServer, id: DestinationId| {
        let mut destinations = server.destinations.iter();
        destinations
            .find(|destination| destination.id == id)
            .copied()
    };
    let changed = |table: &mut Table, fresh: &Table, id: &DestinationId| {
        if find(was, *id) != find(is, *id) {
            merge::keys(table, fresh, None);
        }
    };
    merge::list(present, wanted, destination_id, changed, left);
}

/// Updates a list of sections.
fn list<K: PartialEq>(
    document: &mut DocumentMut,
    fresh: &DocumentMut,
    key: &str,
    name: impl Fn(&Table) -> Option<K>,
    changed: impl Fn(&mut Table, &Table, &K, &mut String),
    left: &mut String,
) -> Result<(), UpdateFileError> {
    let none = ArrayOfTables::new();
    let wanted = fresh.get(key).and_then(Item::as_array_of_tables);
    let wanted = wanted.unwrap_or(&none);
    let present = document
        .entry(key)
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let present = present.as_array_of_tables_mut();
    let present = present.ok_or(UpdateFileError::Form)?;
    let mut left_inside = String::new();
    let change =
        |table: &mut Table, fresh: &Table, name: &K| changed(table, fresh, name, &mut left_inside);
    merge::list(present, wanted, name, change, left);
    left.push_str(&left_inside);
    Ok(())
}

/// Updates a section that is one table.
fn table(document: &mut DocumentMut, fresh: &DocumentMut, key: &str, left: &mut String) {
    let Some(wanted) = fresh.get(key) else {
        if let Some(Item::Table(gone)) = document.remove(key) {
            left.push_str(&merge::comment_apart(&gone));
        }
        return;
    };
    let present = document.get_mut(key).and_then(Item::as_table_like_mut);
    match (present, wanted.as_table_like()) {
        (Some(present), Some(wanted)) => merge::keys(present, wanted, None),
        _ => anew(document, fresh, key),
    }
}

/// Writes a section anew, at its place and behind its comment.
fn anew(document: &mut DocumentMut, fresh: &DocumentMut, key: &str) {
    // Set-ups are never removed: there is a section.
    let Some(wanted) = fresh.get(key) else { return };
    let first = document.get(key).and_then(first_header);
    let place = first.map(|table| (table.position(), table.decor().clone()));
    let mut wanted = merge::placed_anywhere(wanted.clone());
    if let Some(first) = first_header_mut(&mut wanted) {
        match place {
            Some((position, decor)) => {
                first.set_position(position);
                *first.decor_mut() = decor;
            }
            None => first.decor_mut().set_prefix("\n"),
        }
    }
    document.insert(key, wanted);
}

/// The first table of a section that has a header: `[director]`, or the first `[[director.vips]]`.
fn first_header(item: &Item) -> Option<&Table> {
    match item {
        Item::Table(table) if table.is_implicit() => {
            table.iter().find_map(|(_, item)| first_header(item))
        }
        Item::Table(table) => Some(table),
        Item::ArrayOfTables(tables) => tables.iter().next(),
        _ => None,
    }
}

fn first_header_mut(item: &mut Item) -> Option<&mut Table> {
    match item {
        Item::Table(table) => {
            if table.is_implicit() {
                let mut items = table.iter_mut();
                items.find_map(|(_, item)| first_header_mut(item))
            } else {
                Some(table)
            }
        }
        Item::ArrayOfTables(tables) => tables.iter_mut().next(),
        _ => None,
    }
}

fn service_id(table: &Table) -> Option<ServiceId> {
    let endpoint = |key: &str| table.get(key)?.as_str()?.parse::<Endpoint>().ok();
    let by_mark = || {
        let mark = table.get("fwmark")?.as_integer()?;
        let mark = NonZeroU32::new(u32::try_from(mark).ok()?)?;
        let family = match table.get("family").and_then(Item::as_str) {
            Some("ipv6") => Family::Ipv6,
            _ => Family::Ipv4,
        };
        Some(ServiceId::fwmark(mark, family))
    };
    None.or_else(|| endpoint("tcp").map(ServiceId::tcp))
        .or_else(|| endpoint("udp").map(ServiceId::udp))
        .or_else(|| endpoint("sctp").map(ServiceId::sctp))
        .or_else(by_mark)
}

fn destination_id(table: &Table) -> Option<DestinationId> {
    table.get("address")?.as_str()?.parse().ok()
}

fn role(table: &Table) -> Option<SyncRole> {
    table.get("role")?.as_str()?.parse().ok()
}
