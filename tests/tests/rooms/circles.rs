//! Circles: files, or rooms, of which each needs all the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::arrows::{Arrow, Target};
use crate::rooms::Floor;

/// A circle, and what ties it.
pub(crate) struct Circle {
    /// What goes in a circle.
    what: String,
    /// The arrows from one to another.
    ties: Vec<Arrow>,
}

impl fmt::Display for Circle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a circle: {} need each other", self.what)?;
        for arrow in &self.ties {
            write!(out, "\n    {arrow}")?;
        }
        Ok(())
    }
}

impl Circle {
    /// Whether an arrow of this circle goes from room to room in the other.
    pub(crate) fn is_part_of(&self, other: &Self) -> bool {
        self.ties.iter().any(|it| other.ties.contains(it))
    }
}

/// Circles of files.
pub(crate) fn of_files(arrows: &[Arrow]) -> Vec<Circle> {
    let files = arrows.iter().flat_map(|it| [Some(&it.from), target(it)]);
    let names = files
        .flatten()
        .map(|it| (it.clone(), it.display().to_string()));
    circles(&names.collect(), arrows, "the files")
}

/// Circles of rooms on one floor.
pub(crate) fn of_rooms(floor: &Floor, arrows: &[Arrow]) -> Vec<Circle> {
    let what = format!("below {}, the rooms", floor.inside);
    circles(&floor.rooms, arrows, &what)
}

fn target(arrow: &Arrow) -> Option<&PathBuf> {
    match &arrow.to {
        Target::File(file) => Some(file),
        Target::Crate(_) => None,
    }
}

/// The two owners that an arrow joins.
fn ends<'a>(owners: &'a BTreeMap<PathBuf, String>, arrow: &Arrow) -> Option<(&'a str, &'a str)> {
    let from = owners.get(&arrow.from)?;
    let to = owners.get(target(arrow)?)?;
    (from != to).then_some((from, to))
}

/// Circles among what the files belong to.
fn circles(owners: &BTreeMap<PathBuf, String>, arrows: &[Arrow], what: &str) -> Vec<Circle> {
    let graph: DiGraphMap<&str, ()> = arrows.iter().filter_map(|it| ends(owners, it)).collect();
    let parts = tarjan_scc(&graph).into_iter().filter(|it| it.len() > 1);
    let circles = parts.map(|part| {
        let part: BTreeSet<_> = part.into_iter().collect();
        let is_tie = |arrow: &&Arrow| {
            ends(owners, arrow).is_some_and(|(from, to)| part.contains(from) && part.contains(to))
        };
        let names: Vec<_> = part.iter().map(|it| format!("`{it}`")).collect();
        Circle {
            what: format!("{what} {}", names.join(", ")),
            ties: arrows.iter().filter(is_tie).cloned().collect(),
        }
    });
    circles.collect()
}
