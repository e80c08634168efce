//! The smallest part of a document that a problem is about.
//!
//! A problem of several keys together, such as a destination whose port is not that of its service, is
//! found when all of them have been read, and names the whole. The part to be changed is the one
//! without which the problem is gone.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::problem::{Place, Problem};
use super::reader::read;

/// The span of the smallest part of a document that a problem of reading a `T` is about.
pub(super) fn span_of<T: DeserializeOwned>(
    document: &Spanned<DeValue>,
    problem: &Problem,
) -> Range<usize> {
    let within = match problem.place() {
        Some(Place::Exactly(span)) => return span.clone(),
        Some(Place::Within(span)) => span.clone(),
        None => document.span(),
    };
    let problem = problem.to_string();
    let said = |value| {
        let read = read::<T>(&Spanned::new(document.span(), value));
        read.err().map(|problem| problem.to_string())
    };
    let alone = if within == document.span() {
        document.clone()
    } else {
        // All else can be large, and the problem is mostly there without it.
        alone(document, &within)
    };
    if said(alone.get_ref().clone()).as_ref() == Some(&problem) {
        blame(&alone, &problem, &said)
    } else {
        within
    }
}

/// A document with only that section in which a span is, and of a list of sections only that one.
fn alone<'i>(document: &Spanned<DeValue<'i>>, span: &Range<usize>) -> Spanned<DeValue<'i>> {
    let DeValue::Table(sections) = document.get_ref() else {
        return document.clone();
    };
    let mut alone = DeTable::new();
    for (key, section) in sections.iter().filter(|(_, section)| holds(section, span)) {
        let only = match section.get_ref() {
            DeValue::Array(items) => {
                let items = items.iter().filter(|item| holds(item, span));
                Spanned::new(section.span(), DeValue::Array(items.cloned().collect()))
            }
            _ => section.clone(),
        };
        alone.insert(key.clone(), only);
    }
    Spanned::new(document.span(), DeValue::Table(alone))
}

/// Whether a value or something in it has a span.
fn holds(value: &Spanned<DeValue>, span: &Range<usize>) -> bool {
    value.span() == *span
        || match value.get_ref() {
            DeValue::Table(table) => table.values().any(|value| holds(value, span)),
            DeValue::Array(items) => items.iter().any(|item| holds(item, span)),
            _ => false,
        }
}

/// What is said about a document with another value in one place.
type Said<'a> = &'a dyn Fn(DeValue) -> Option<String>;

/// Where the part of `value` is that `problem` is about; `said` tells which problem there is with
/// another value in its place.
fn blame(value: &Spanned<DeValue>, problem: &str, said: Said) -> Range<usize> {
    match value.get_ref() {
        DeValue::Table(table) => in_table(table, problem, said),
        DeValue::Array(items) => in_list(items, problem, said),
        _ => None,
    }
    .unwrap_or_else(|| value.span())
}

/// Best is a key without which all is well, then one without which the problem is another. Of
/// several the last one counts: it contradicts those before it.
fn in_table(table: &DeTable, problem: &str, said: Said) -> Option<Range<usize>> {
    let mut keys: Vec<_> = table.iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    let mut candidate = None;
    for (key, value) in keys.into_iter().rev() {
        let mut without = table.clone();
        without.remove(key);
        match said(DeValue::Table(without)) {
            Some(other) if other == problem => {}
            Some(_) => candidate = candidate.or(Some((key, value))),
            None => {
                candidate = Some((key, value));
                break;
            }
        }
    }
    let (key, value) = candidate?;
    Some(blame(value, problem, &|instead| {
        let mut with = table.clone();
        with.insert(key.clone(), Spanned::new(value.span(), instead));
        said(DeValue::Table(with))
    }))
}

/// The last one of as many elements as it takes.
fn in_list(items: &DeArray, problem: &str, said: Said) -> Option<Range<usize>> {
    let first = |count| items.iter().take(count).cloned().collect::<DeArray>();
    let (mut good, mut bad) = (0, items.len());
    while good + 1 < bad {
        let middle = usize::midpoint(good, bad);
        match said(DeValue::Array(first(middle))) {
            Some(_) => bad = middle,
            None => good = middle,
        }
    }
    let last = items.get(good)?;
    Some(blame(last, problem, &|instead| {
        let mut with = first(good);
        with.push(Spanned::new(last.span(), instead));
        said(DeValue::Array(with))
    }))
}
