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

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_path_in_the_code_is_followed_to_its_definition() {
    for folder in ["ipvs-sys", "ipvs", "lbnet", "cli"] {
        let sources = Sources::read(&repository(), folder);
        let gaps = Check::new(&sources).gaps();
        assert_eq!(gaps, [""; 0]);
    }
}

#[test]
fn the_table_of_rooms_is_right_in_itself() {
    let table = fs::read_to_string(repository().join("CONTRIBUTING.md")).unwrap();
    let table = Table::read(&table);
    for folder in ["ipvs-sys", "ipvs", "lbnet", "cli"] {
        assert!(table.has_crate(folder), "{folder} has no row");
        assert_eq!(table.mistakes(folder), [""; 0]);
    }
}
