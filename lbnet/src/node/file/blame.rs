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

/// The problem of reading a `T` from a document, at the smallest part that it is about.
pub(super) fn narrowed<T: DeserializeOwned>(
    document: &Spanned<DeValue>,
    problem: Problem,
) -> Problem {
    let within = match problem.place() {
        Some(Place::Exactly(_)) => return problem,
        Some(Place::Within(span)) => span.clone(),
        None => document.span(),
    };
    let read = |value| read::<T>(&Spanned::new(document.span(), value)).err();
    let alone = if within == document.span() {
        document.clone()
    } else {
        // All else can be large, and the problem is mostly there without it.
        alone(document, &within)
    };
    match read(alone.get_ref().clone()) {
        Some(same) if same.says_the_same(&problem) => blame(&alone, problem, &read),
        _ => problem.at(within),
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

/// Which problem there is with another value in one place.
type Read<'a, 'i> = &'a dyn Fn(DeValue<'i>) -> Option<Problem>;

/// The problem at the part of `value` that it is about. `read` puts another in its place.
fn blame<'i>(value: &Spanned<DeValue<'i>>, problem: Problem, read: Read<'_, 'i>) -> Problem {
    match value.get_ref() {
        DeValue::Table(table) => in_table(table, value.span(), problem, read),
        DeValue::Array(items) => in_list(items, value.span(), problem, read),
        _ => problem.at(value.span()),
    }
}

/// Best is a key without which all is well, then one without which the problem is another. Of
/// several the last one counts: it contradicts those before it.
fn in_table<'i>(
    table: &DeTable<'i>,
    span: Range<usize>,
    problem: Problem,
    read: Read<'_, 'i>,
) -> Problem {
    let mut keys: Vec<_> = table.iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    let mut candidate = None;
    for (key, value) in keys.into_iter().rev() {
        let mut without = table.clone();
        without.remove(key);
        match read(DeValue::Table(without)) {
            Some(same) if same.says_the_same(&problem) => {}
            Some(_) => candidate = candidate.or(Some((key, value))),
            None => {
                candidate = Some((key, value));
                break;
            }
        }
    }
    let Some((key, value)) = candidate else {
        return problem.at(span);
    };
    let problem = problem.about_key(key.get_ref());
    blame(value, problem, &|instead| {
        let mut with = table.clone();
        with.insert(key.clone(), Spanned::new(value.span(), instead));
        read(DeValue::Table(with))
    })
}

/// The last one of as many elements as it takes for a problem.
fn in_list<'i>(
    items: &DeArray<'i>,
    span: Range<usize>,
    mut problem: Problem,
    read: Read<'_, 'i>,
) -> Problem {
    let first = |count| items.iter().take(count).cloned().collect::<DeArray>();
    if read(DeValue::Array(first(0))).is_some_and(|same| same.says_the_same(&problem)) {
        return problem.at(span);
    }
    let (mut good, mut bad) = (0, items.len());
    while good + 1 < bad {
        let middle = usize::midpoint(good, bad);
        match read(DeValue::Array(first(middle))) {
            // Perhaps another one, of an element before.
            Some(earlier) => (bad, problem) = (middle, earlier),
            None => good = middle,
        }
    }
    let Some(last) = items.get(good) else {
        return problem.at(span);
    };
    blame(last, problem, &|instead| {
        let mut with = first(good);
        with.push(Spanned::new(last.span(), instead));
        read(DeValue::Array(with))
    })
}
