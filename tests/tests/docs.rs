//! What the documentation names is there.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the documentation.
fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Links to tests: ``[`name`](file)``.
fn named_tests(text: &str) -> Vec<(&str, &str)> {
    let links = text.split("[`").skip(1);
    links
        .filter_map(|link| {
            let (name, rest) = link.split_once("`](")?;
            let (file, _) = rest.split_once(')')?;
            let is_source = Path::new(file).extension().is_some_and(|it| it == "rs");
            is_source.then_some((name, file))
        })
        .collect()
}

#[test]
fn every_test_that_is_named_exists() {
    let features = fs::read_to_string(docs().join("features.md")).unwrap();
    let named = named_tests(&features);
    for (name, file) in &named {
        let source = fs::read_to_string(docs().join(file)).unwrap_or_default();
        assert!(source.contains(&format!("fn {name}(")), "{file}: {name}");
    }
    // Every row but those that say why not has one.
    let rows = features.lines().filter(|line| line.contains("| yes |"));
    let without: Vec<_> = rows.filter(|row| named_tests(row).is_empty()).collect();
    assert_eq!(without.len(), 1, "{without:?}");
    assert!(named.len() > 90, "{}", named.len());
}

#[test]
fn every_file_that_kernel_md_names_exists() {
    let kernel = fs::read_to_string(docs().join("kernel.md")).unwrap();
    let words = kernel.split('`').skip(1).step_by(2);
    let files: HashSet<_> = words
        .filter(|word| {
            let is_source = Path::new(word).extension().is_some_and(|it| it == "rs");
            is_source || word.ends_with('/')
        })
        .collect();
    assert!(files.len() > 4, "{files:?}");
    for file in files {
        let among_tests = docs().join("../tests/tests").join(file);
        let from_root = docs().join("..").join(file);
        assert!(among_tests.exists() || from_root.exists(), "{file}");
    }
}

#[test]
fn every_finding_has_its_row_and_every_row_its_finding() {
    let page = fs::read_to_string(docs().join("doctor.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let first_cells = rows.filter_map(|row| row.split_once(" | "));
    let named: HashSet<_> = first_cells
        .flat_map(|(cell, _)| cell.split(", ").map(|name| name.trim_matches('`')))
        .filter(|name| !["problem", "warning", "note"].contains(name))
        .collect();
    let known = lbnet::doctor::FindingKind::KNOWN.iter();
    let known: HashSet<_> = known.map(|kind| kind.name()).collect();
    assert_eq!(named, known);
}

#[test]
fn how_certain_a_finding_is_and_what_looking_costs_is_said_of_each_kind_once() {
    let page = fs::read_to_string(docs().join("doctor.md")).unwrap();
    let (_, rest) = page.split_once("### What is certain").unwrap();
    let (table, _) = rest.split_once("\n## ").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut named: Vec<_> = rows
        .filter_map(|row| row.split_once(" | "))
        .flat_map(|(cell, _)| cell.split(", ").map(|name| name.trim_matches('`')))
        .collect();
    named.sort_unstable();
    let known = lbnet::doctor::FindingKind::KNOWN.iter();
    let mut known: Vec<_> = known.map(|kind| kind.name()).collect();
    known.sort_unstable();
    assert_eq!(named, known);
}
