//! Each way in which code can name what another file defines.

use super::imports;

/// What `taker.rs` takes from `giver.rs`, each as a name.
fn taken(giver: &str, taker: &str) -> Vec<String> {
    let root = "mod giver; mod taker; pub use giver::*;";
    let found = imports(&[("lib.rs", root), ("giver.rs", giver), ("taker.rs", taker)]);
    let names = found
        .iter()
        .filter_map(|it| it.strip_prefix("taker.rs -> giver.rs: "));
    names.map(ToOwned::to_owned).collect()
}

#[test]
fn nested_groups_new_names_and_all_kinds_of_beginnings_are_followed() {
    let giver =
        "pub struct A; pub struct B; pub mod inner { pub struct C; pub struct D; } pub struct E;";
    let taker =
        "use crate::{giver::{A, inner::{self, C as See}}, E}; struct T(super::B, inner::D);";
    assert_eq!(taken(giver, taker), ["A", "B", "C", "D", "E"]);
}

#[test]
fn an_import_in_a_function_counts_and_holds_there() {
    let giver = "pub fn f() {} pub mod inner { pub struct C; }";
    let taker = "fn t() { use crate::giver::{f, inner}; f(); let _: inner::C; }";
    assert_eq!(taken(giver, taker), ["C", "f"]);
}

#[test]
fn a_path_in_a_type_a_pattern_a_bound_and_a_call_counts() {
    let giver = "pub struct A; pub enum B { X } pub trait C {} pub fn d() {} pub const E: u8 = 1;";
    let taker = "fn t<T: crate::C>(a: &[crate::A]) { match b() { crate::B::X => crate::d(), _ => crate::E } }";
    assert_eq!(taken(giver, taker), ["A", "B", "C", "E", "d"]);
}

#[test]
fn a_path_among_the_arguments_of_a_macro_counts() {
    let giver = "pub fn a() {} pub const B: u8 = 1; pub struct C { pub d: u8 }";
    let taker = "fn t() { assert!(crate::a() == 1, \"{}\", [crate::B, ..crate::C::new()]) }";
    assert_eq!(taken(giver, taker), ["B", "C", "a"]);
}

#[test]
fn a_macro_that_is_known_without_an_import_counts() {
    let root = "macro_rules! make { () => { crate::low::Low } } mod low; mod high;";
    let files = [
        ("lib.rs", root),
        ("low.rs", "pub struct Low;"),
        ("high.rs", "fn t() { make!() }"),
    ];
    assert_eq!(
        imports(&files),
        ["high.rs -> lib.rs: make", "lib.rs -> low.rs: Low"]
    );
}

#[test]
fn what_a_macro_defines_is_found_in_the_file_that_calls_it() {
    let giver = "macro_rules! number { ($($name:ident),+) => { \
                 $(pub struct $name; impl $name { fn new() {} })+ pub fn all() {} } } number!(Low, High);";
    let taker = "use crate::giver::{self, all}; struct T(crate::Low, giver::High);";
    assert_eq!(taken(giver, taker), ["High", "Low", "all"]);
    assert_eq!(
        taken(giver, "use crate::giver::*; fn t() { all(); new() }"),
        ["all"]
    );
}

#[test]
fn attributes_of_serde_name_types_functions_and_whole_modules() {
    let giver = "pub struct A<T>(T); pub struct B; pub fn c() {} pub fn serialize() {}";
    let taker = "#[serde(try_from = \"crate::A<crate::B>\", rename = \"crate::D\")] struct T { \
                 #[serde(default = \"crate::c\", with = \"crate::giver\")] field: u8 }";
    assert_eq!(taken(giver, taker), ["A", "B", "c", "crate::giver"]);
}

#[test]
fn a_method_counts_for_the_file_that_has_it() {
    let files = [
        ("lib.rs", "mod client; mod plan; mod user;"),
        (
            "client.rs",
            "pub struct Client; impl Client { pub fn open() {} }",
        ),
        (
            "plan.rs",
            "use crate::client::Client; impl Client { pub fn apply(&self) {} }",
        ),
        (
            "user.rs",
            "use crate::client::Client; fn t() { Client::open(); Client::apply(&client) }",
        ),
    ];
    assert_eq!(
        imports(&files),
        [
            "plan.rs -> client.rs: Client",
            "user.rs -> client.rs: Client",
            "user.rs -> plan.rs: Client::apply",
        ]
    );
}

#[test]
fn a_method_of_an_argument_counts_for_the_file_that_has_it() {
    let files = [
        (
            "lib.rs",
            "mod client; mod plan; mod user; pub use client::Client;",
        ),
        ("client.rs", "pub struct Client;"),
        (
            "plan.rs",
            "use crate::Client; impl Client { pub fn apply(&self) {} }",
        ),
        (
            "user.rs",
            "fn t(client: &mut crate::Client) { client.apply() }",
        ),
    ];
    assert!(imports(&files).contains(&"user.rs -> plan.rs: Client::apply".to_owned()));
    let shadowed = "fn t(client: &mut crate::Client) { let client = other(); client.apply() }";
    let files = [files[0], files[1], files[2], ("user.rs", shadowed)];
    assert!(!imports(&files).contains(&"user.rs -> plan.rs: Client::apply".to_owned()));
}

#[test]
fn a_module_and_a_function_of_one_name_are_told_apart() {
    let files = [
        ("lib.rs", "mod output; mod run;"),
        ("output.rs", "mod json; pub use json::json;"),
        ("output/json.rs", "pub fn json() {}"),
        ("run.rs", "use crate::output; fn run() { output::json() }"),
    ];
    assert_eq!(imports(&files), ["run.rs -> output/json.rs: json"]);
}

#[test]
fn a_re_export_alone_is_no_import() {
    assert_eq!(
        taken(
            "pub struct A;",
            "pub use crate::giver::A; pub(crate) use crate::A as B;"
        ),
        [""; 0]
    );
}

#[test]
fn tests_and_documentation_do_not_count() {
    let taker = "//! [`crate::A`]\n\
                 /// use crate::A;\n\
                 #[doc(alias = \"crate::A\")] struct T;\n\
                 #[cfg(test)] use crate::A;\n\
                 #[cfg(all(test, unix))] mod tests { use crate::A; }\n\
                 #[test] fn t() { crate::A::new() }\n\
                 #[tokio::test] async fn u() { crate::A::new() }\n\
                 impl T { #[cfg(test)] fn v() -> crate::A {} }";
    assert_eq!(taken("pub struct A;", taker), [""; 0]);
}

#[test]
fn what_is_not_only_for_tests_counts() {
    let taker = "#[cfg(any(test, feature = \"testing\"))] use crate::A;\n\
                 #[cfg(not(test))] use crate::B;";
    assert_eq!(taken("pub struct A; pub struct B;", taker), ["A", "B"]);
}
