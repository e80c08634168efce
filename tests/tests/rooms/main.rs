//! Which room of a crate may use which other: the table in CONTRIBUTING.md, "The tree".
//!
//! A file uses what another file defines. So every import and every path in code is followed to the
//! definition, through re-exports: an import of `crate::Service` is one of `model/service.rs`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod arrows;
mod check;
mod circles;
mod imports;
mod macros;
mod mentions;
mod modules;
mod names;
mod planted;
mod rooms;
mod sources;
mod table;
mod test_only;
mod tokens;

use std::fs;
use std::path::{Path, PathBuf};

use check::Check;
use sources::Sources;
use table::Table;

/// The crates that have rooms.
const CRATES: [&str; 4] = ["ipvs-sys", "ipvs", "lbnet", "cli"];

const HOW_TO_READ: &str = "The table of rooms is in CONTRIBUTING.md, \"The tree\". A room may use the rooms \
     and crates in the last column of its row, and whatever those may use. Move the code to the room \
     where it belongs, or what it takes to a lower one.";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn table() -> Table {
    let contributing = fs::read_to_string(repository().join("CONTRIBUTING.md")).unwrap();
    Table::read(&contributing)
}

#[test]
fn every_crate_keeps_to_its_rooms() {
    let complaints = CRATES.map(|folder| {
        let sources = Sources::read(&repository(), folder);
        check::complaints(&sources, &table())
    });
    let complaints = complaints.concat();
    let list = complaints.join("\n");
    assert!(complaints.is_empty(), "{list}\n\n{HOW_TO_READ}");
}

#[test]
fn every_path_in_the_code_is_followed_to_its_definition() {
    for folder in CRATES {
        let sources = Sources::read(&repository(), folder);
        let gaps = Check::new(&sources).gaps();
        assert_eq!(gaps, [""; 0]);
    }
}

#[test]
fn the_table_of_rooms_is_right_in_itself() {
    for folder in CRATES {
        assert!(table().has_crate(folder), "{folder} has no row");
        assert_eq!(table().mistakes(folder), [""; 0]);
    }
}

#[test]
fn every_file_that_contributing_names_exists() {
    let contributing = fs::read_to_string(repository().join("CONTRIBUTING.md")).unwrap();
    let words = contributing.split('`').skip(1).step_by(2);
    let is_source = |word: &&str| {
        CRATES
            .iter()
            .any(|it| word.starts_with(&format!("{it}/src/")))
    };
    let named: Vec<_> = words.filter(is_source).collect();
    assert!(named.len() > 10, "{named:?}");
    let gone = named.iter().filter(|it| !repository().join(it).exists());
    assert_eq!(gone.collect::<Vec<_>>(), [&""; 0]);
}
