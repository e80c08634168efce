//! Imports against the table, and a table that does not fit.

use super::complaints;

const FILES: [(&str, &str); 3] = [
    ("lib.rs", "mod low; mod high; pub use high::High;"),
    ("low.rs", "pub struct Low;"),
    ("high.rs", "pub struct High(crate::low::Low);"),
];

const LOW: &str = "| `planted` | `low` | the lower room | nothing |";
const HIGH: &str = "| `planted` | `high` | the upper room | `low` |";

#[test]
fn a_tree_that_fits_the_table_is_right() {
    assert_eq!(complaints(&FILES, &[LOW, HIGH]), [""; 0]);
}

#[test]
fn an_import_that_goes_up_is_found_and_named() {
    let files = [
        FILES[0],
        ("low.rs", "\nuse crate::High;"),
        ("high.rs", "pub struct High;"),
    ];
    assert_eq!(
        complaints(&files, &[LOW, HIGH]),
        [
            "planted/src/low.rs:2 takes `High` from planted/src/high.rs: \
          `low` may use nothing, and not `high`"
        ]
    );
}

#[test]
fn a_room_may_use_what_the_rooms_below_it_may_use() {
    let files = [
        ("lib.rs", "mod low; mod high; mod top;"),
        FILES[1],
        FILES[2],
        ("top.rs", "struct Top(crate::low::Low);"),
    ];
    let on_high = "| `planted` | `top` | the roof | `high` |";
    assert_eq!(complaints(&files, &[LOW, HIGH, on_high]), [""; 0]);
    let on_nothing = "| `planted` | `top` | the roof | nothing |";
    assert_eq!(complaints(&files, &[LOW, HIGH, on_nothing]).len(), 1);
}

#[test]
fn a_room_without_a_row_is_found() {
    assert_eq!(
        complaints(&FILES, &[LOW]),
        ["planted/src: the room `high` has no row in the table"]
    );
}

#[test]
fn a_row_without_a_room_is_found() {
    let cellar = "| `planted` | `cellar` | nothing yet | nothing |";
    assert_eq!(
        complaints(&FILES, &[LOW, HIGH, cellar]),
        ["table: `planted` has no room `cellar`"]
    );
}

#[test]
fn a_second_row_and_a_name_that_means_nothing_are_found() {
    let again = "| `planted` | `low` | once more | nothing |";
    let found = complaints(&FILES, &[LOW, again, HIGH]);
    assert_eq!(found[0], "table: `planted` has two rows for `low`");
    let typo = "| `planted` | `high` | the upper room | `lower` |";
    let found = complaints(&FILES, &[LOW, typo]);
    assert!(
        found[0].contains("`high` may use `lower`, which is neither"),
        "{found:?}"
    );
}

#[test]
fn a_table_that_goes_in_a_circle_is_found() {
    let low = "| `planted` | `low` | the lower room | `high` |";
    let found = complaints(&FILES, &[low, HIGH]);
    assert_eq!(
        found,
        ["`low`", "`high`"].map(|it| format!("table: `planted`: {it} stands on itself"))
    );
}

#[test]
fn another_crate_may_be_used_where_the_table_says_so_and_nowhere_else() {
    let other = "| `other-crate` | `model` | values | nothing |";
    let files = [
        FILES[0],
        ("low.rs", "pub struct Low(std::vec::Vec<serde::Value>);"),
        ("high.rs", "use other_crate::Thing; pub struct High(Thing);"),
    ];
    let high = "| `planted` | `high` | the upper room | `low`, `other-crate` |";
    assert_eq!(complaints(&files, &[other, LOW, high]), [""; 0]);
    assert_eq!(
        complaints(&files, &[other, LOW, HIGH]),
        [
            "planted/src/high.rs:1 takes `Thing` from the crate `other_crate`: \
          `high` may use `low`, and not `other-crate`"
        ]
    );
}

#[test]
fn a_variable_that_is_called_as_a_crate_is_no_import() {
    let other = "| `other-crate` | `model` | values | nothing |";
    let code = "fn t(other_crate: u8) -> u8 { assert!(other_crate > 1); other_crate }";
    let files = [("lib.rs", "mod low;"), ("low.rs", code)];
    assert_eq!(complaints(&files, &[other, LOW]), [""; 0]);
}

#[test]
fn another_crate_is_found_behind_a_re_export_too() {
    let other = "| `other-crate` | `model` | values | nothing |";
    let files = [
        ("lib.rs", "mod low; mod high; pub use other_crate::Thing;"),
        ("low.rs", "struct Low(crate::Thing);"),
        ("high.rs", ""),
    ];
    let found = complaints(&files, &[other, LOW, HIGH]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains("low.rs:1 takes `Thing` from the crate `other_crate`"),
        "{found:?}"
    );
}

#[test]
fn the_file_of_a_program_is_a_room_of_its_own() {
    let files = [
        ("main.rs", "mod low; fn main() { low::begin() }"),
        ("low.rs", "pub fn begin() {}"),
    ];
    assert_eq!(
        complaints(&files, &[LOW]),
        ["planted/src: the room `main` has no row in the table"]
    );
    let main = "| `planted` | `main` | where it begins | `low` |";
    assert_eq!(complaints(&files, &[LOW, main]), [""; 0]);
}

#[test]
fn what_cannot_be_followed_is_named() {
    let files = [
        ("lib.rs", "mod low; mod high; #[cfg(test)] mod tests;"),
        FILES[1],
        ("high.rs", "pub struct High(crate::low::Gone);"),
        ("left.rs", ""),
        ("tests.rs", "mod more;"),
        ("tests/more.rs", ""),
    ];
    assert_eq!(
        complaints(&files, &[LOW, HIGH]),
        [
            "planted/src/left.rs: no `mod` leads to it",
            "planted/src/high.rs:1: crate::low::Gone: leads to nothing that this check knows",
        ]
    );
}
