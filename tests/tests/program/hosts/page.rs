//! What docs/network.md says to type on each kind of host.

use super::site::Role;

const PAGE: &str = include_str!("../../../../docs/network.md");

/// The sections about kinds of hosts.
fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    let (_, kinds) = PAGE.split_once("\n## Kinds of hosts\n").unwrap();
    let kinds = kinds.split_once("\n## ").map_or(kinds, |(kinds, _)| kinds);
    let sections = kinds.split("\n### ").skip(1);
    sections.map(|section| section.split_once('\n').unwrap())
}

/// The command that a section shows for a role.
#[track_caller]
pub(super) fn command(section: &str, role: Role) -> &'static str {
    let Some((_, text)) = sections().find(|(title, _)| *title == section) else {
        panic!("docs/network.md has no section {section:?}");
    };
    let mut typed = text.lines().filter_map(|line| line.strip_prefix("# "));
    let command = match role {
        Role::Director => "ipvs-rs director up ",
        Role::RealServer => "ipvs-rs real-server up ",
    };
    match typed.find(|line| line.starts_with(command)) {
        Some(line) => line,
        None => panic!("{section:?} in docs/network.md does not say how to set up {role:?}"),
    }
}

#[test]
fn every_kind_of_host_in_the_documentation_is_in_the_matrix() {
    let rows: Vec<_> = super::ROWS.iter().copied().flatten().collect();
    let mut count = 0;
    for (title, text) in sections() {
        let is_tested = rows.iter().any(|row| row.section == title);
        assert!(is_tested || !text.contains("\n# ipvs-rs "), "{title}");
        count += 1;
    }
    assert!(count > 10, "{count}");
}
