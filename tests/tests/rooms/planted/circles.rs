//! Circles between files, and between rooms.

use super::complaints;

const TWO_ROOMS: [&str; 2] = [
    "| `planted` | `a` | one | nothing |",
    "| `planted` | `b` | another | `a` |",
];

/// What is found between `a.rs` and `b.rs`.
fn circle_between(a: &str, b: &str) -> String {
    let root = "mod a; mod b; pub use a::*; pub use b::{B, Second as Renamed};";
    let files = [("lib.rs", root), ("a.rs", a), ("b.rs", b)];
    let found = complaints(&files, &TWO_ROOMS);
    let is_circle = |it: &&String| it.starts_with("a circle: the files");
    found.iter().find(is_circle).expect("a circle").clone()
}

#[test]
fn a_circle_through_a_re_export_is_found_and_named() {
    let circle = circle_between(
        "use crate::B;\npub struct A(B);",
        "\n\npub struct B(Option<crate::A>);",
    );
    assert_eq!(
        circle,
        "a circle: the files `planted/src/a.rs`, `planted/src/b.rs` need each other\n    \
         planted/src/a.rs:1 takes `B` from planted/src/b.rs\n    \
         planted/src/b.rs:3 takes `A` from planted/src/a.rs"
    );
}

#[test]
fn a_circle_through_a_new_name_is_found() {
    let circle = circle_between(
        "pub struct A(crate::Renamed);",
        "use crate::a::A; pub struct Second(A);",
    );
    assert!(
        circle.contains("a.rs:1 takes `Second` from planted/src/b.rs"),
        "{circle}"
    );
}

#[test]
fn a_circle_through_a_glob_is_found() {
    let circle = circle_between(
        "pub struct A(super::b::B);",
        "use super::*; pub struct B(A);",
    );
    assert!(
        circle.contains("b.rs:1 takes `A` from planted/src/a.rs"),
        "{circle}"
    );
}

#[test]
fn a_circle_through_an_attribute_of_serde_is_found() {
    let a = "#[derive(Clone)]\n#[cfg_attr(feature = \"serde\", serde(into = \"crate::b::B\"))]\npub struct A;";
    let circle = circle_between(a, "use crate::A; pub struct B; impl From<A> for B {}");
    assert!(
        circle.contains("a.rs:2 takes `B` from planted/src/b.rs"),
        "{circle}"
    );
}

#[test]
fn a_circle_through_a_method_that_another_file_has_is_found() {
    let a = "pub struct A; impl A { fn first(&self) { self.second() } }";
    let circle = circle_between(a, "use crate::A; impl A { pub fn second(&self) {} }");
    assert!(
        circle.contains("a.rs:1 takes `A::second` from planted/src/b.rs"),
        "{circle}"
    );
}

#[test]
fn a_circle_between_rooms_but_not_between_files_is_found() {
    let files = [
        ("lib.rs", "mod house;"),
        ("house.rs", "mod a; mod b;"),
        ("house/a.rs", "pub mod one; mod two;"),
        ("house/a/one.rs", "pub struct One;"),
        (
            "house/a/two.rs",
            "struct Two(super::super::b::three::Three);",
        ),
        ("house/b.rs", "pub mod three; mod four;"),
        ("house/b/three.rs", "pub struct Three;"),
        ("house/b/four.rs", "struct Four(crate::house::a::one::One);"),
    ];
    let found = complaints(&files, &["| `planted` | `house` | all | nothing |"]);
    assert_eq!(
        found,
        [
            "a circle: below planted/src/house.rs, the rooms `a`, `b` need each other\n    \
          planted/src/house/a/two.rs:1 takes `Three` from planted/src/house/b/three.rs\n    \
          planted/src/house/b/four.rs:1 takes `One` from planted/src/house/a/one.rs"
        ]
    );
}

#[test]
fn a_module_and_what_lies_below_it_can_be_a_circle_of_rooms() {
    let files = [
        ("lib.rs", "mod house;"),
        (
            "house.rs",
            "mod a; struct House(a::one::One); pub struct Key;",
        ),
        ("house/a.rs", "pub mod one; mod two;"),
        ("house/a/one.rs", "pub struct One;"),
        ("house/a/two.rs", "struct Two(crate::house::Key);"),
    ];
    let found = complaints(&files, &["| `planted` | `house` | all | nothing |"]);
    let circle = "a circle: below planted/src/house.rs, the rooms `a`, `house` need each other";
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with(circle), "{found:?}");
}

#[test]
fn a_circle_of_rooms_that_follows_from_one_of_files_is_not_told_again() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub struct A(crate::b::B);"),
        ("b.rs", "pub struct B(crate::a::A);"),
    ];
    let found = complaints(&files, &TWO_ROOMS);
    let circles = found.iter().filter(|it| it.starts_with("a circle"));
    assert_eq!(circles.count(), 1);
}
