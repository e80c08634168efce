//! Which file takes what from which other file, or from which other crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use syn::{Item, Type};

use crate::mentions::{self, Mention, Role};
use crate::modules::{Crate, Kind, ModuleId};
use crate::names::{Found, ItemId};

/// One file needs another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrow {
    pub(crate) from: PathBuf,
    pub(crate) to: Target,
    /// What is taken, as it is called where it is defined, and the first line that takes it.
    pub(crate) names: BTreeMap<String, usize>,
}

/// Where an arrow ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// The file that defines what is taken.
    File(PathBuf),
    /// Another crate, as code names it: `ipvs_sys`.
    Crate(String),
}

/// What a crate's code says of its files.
pub(crate) struct Arrows {
    /// From file to file and from file to crate: one for each pair.
    pub(crate) all: Vec<Arrow>,
    /// Paths into the crate that lead nowhere: a gap of this check, since the compiler found them.
    pub(crate) unresolved: Vec<String>,
}

impl fmt::Display for Arrow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.names.values().min().copied().unwrap_or_default();
        write!(out, "{}:{first} takes ", self.from.display())?;
        for (at, name) in self.names.keys().enumerate() {
            write!(out, "{}`{name}`", if at > 0 { ", " } else { "" })?;
        }
        match &self.to {
            Target::File(file) => write!(out, " from {}", file.display()),
            Target::Crate(name) => write!(out, " from the crate `{name}`"),
        }
    }
}

/// Follows every import and every path in code.
pub(crate) fn of(parsed: &Crate) -> Arrows {
    let mut reader = Reader {
        parsed,
        members: members_of(parsed),
        taken: BTreeMap::new(),
        unresolved: BTreeSet::new(),
    };
    for module in parsed.ids() {
        reader.read(module);
    }
    let arrows = reader.taken.into_iter();
    Arrows {
        all: arrows
            .map(|((from, to), names)| Arrow { from, to, names })
            .collect(),
        unresolved: reader.unresolved.into_iter().collect(),
    }
}

/// The files whose `impl` blocks have a method or a constant of a type.
type Members = BTreeMap<(ItemId, String), BTreeSet<PathBuf>>;

fn members_of(parsed: &Crate) -> Members {
    let mut members = Members::new();
    for module in parsed.ids() {
        for item in &parsed.module(module).items {
            let Item::Impl(block) = item else { continue };
            if block.trait_.is_some() {
                continue;
            }
            let names = block.items.iter().filter_map(|it| match it {
                syn::ImplItem::Const(it) => Some(it.ident.to_string()),
                syn::ImplItem::Fn(it) => Some(it.sig.ident.to_string()),
                _ => None,
            });
            let names: Vec<_> = names.collect();
            for owner in own_types(parsed, module, item) {
                for name in &names {
                    let files = members.entry((owner.clone(), name.clone())).or_default();
                    files.insert(parsed.module(module).file.clone());
                }
            }
        }
    }
    members
}

/// What `Self` is in an item.
fn own_types(parsed: &Crate, module: ModuleId, item: &Item) -> Vec<ItemId> {
    let path = match item {
        Item::Impl(block) => match &*block.self_ty {
            Type::Path(named) => {
                let segments = named.path.segments.iter();
                segments.map(|it| it.ident.to_string()).collect()
            }
            _ => Vec::new(),
        },
        Item::Enum(it) => vec![it.ident.to_string()],
        Item::Struct(it) => vec![it.ident.to_string()],
        _ => Vec::new(),
    };
    let found = parsed.resolve(module, &path, &[]);
    let types = found.into_iter().filter_map(|it| match it {
        Found::Item { item, kind, .. } => (kind == Kind::Type).then_some(item),
        Found::Module(_) | Found::Crate(_) => None,
    });
    types.collect()
}

struct Reader<'a> {
    parsed: &'a Crate,
    members: Members,
    taken: BTreeMap<(PathBuf, Target), BTreeMap<String, usize>>,
    unresolved: BTreeSet<String>,
}

impl Reader<'_> {
    fn read(&mut self, id: ModuleId) {
        let parsed = self.parsed;
        let module = parsed.module(id);
        for import in &module.imports {
            let found = parsed.resolve(id, &import.path, &[]);
            self.check(id, &import.path, import.line, &found);
            // A re-export is a name more for what another file defines; it needs nothing of it. Whole
            // modules count where something of them is named.
            if !import.is_reexport {
                self.add_all(id, import.line, &import.path, found);
            }
        }
        for item in &module.items {
            let own = own_types(parsed, id, item);
            for mention in mentions::of(item) {
                self.mention(id, &own, &mention);
            }
        }
    }

    fn mention(&mut self, id: ModuleId, own: &[ItemId], mention: &Mention) {
        let words = &mention.words;
        if let Some(("Self", rest)) = words.split_first().map(|(a, b)| (a.as_str(), b)) {
            for (owner, name) in own.iter().zip(rest.first()) {
                self.member(id, mention.line, owner, name);
            }
            return;
        }
        let mut found = self.parsed.resolve(id, words, &mention.local);
        if mention.role == Role::Macro && words.len() == 1 {
            found = self.textual_macro(id, &words[0]).into_iter().collect();
        }
        // A single word that is known nowhere is a variable, not a crate.
        found.retain(|it| *it != Found::Crate(words.join("::")));
        self.check(id, words, mention.line, &found);
        if mention.role == Role::Text {
            let modules = found.iter().filter_map(|it| match it {
                Found::Module(module) => Some(*module),
                Found::Item { .. } | Found::Crate(_) => None,
            });
            for module in modules {
                let file = self.parsed.module(module).file.clone();
                self.add(id, mention.line, words.join("::"), Target::File(file));
            }
        }
        self.add_all(id, mention.line, words, found);
    }

    /// A `macro_rules!` is known in its module and in all modules below that come after it.
    fn textual_macro(&self, from: ModuleId, name: &str) -> Option<Found> {
        let mut place = Some(from);
        while let Some(id) = place {
            let found = self.parsed.resolve(id, &[name.to_owned()], &[]);
            let is_macro = |it: &Found| {
                matches!(
                    it,
                    Found::Item {
                        kind: Kind::Macro,
                        ..
                    }
                )
            };
            if let Some(found) = found.into_iter().find(is_macro) {
                return Some(found);
            }
            place = self.parsed.module(id).parent;
        }
        None
    }

    fn add_all(&mut self, id: ModuleId, line: usize, words: &[String], found: BTreeSet<Found>) {
        for found in found {
            match found {
                Found::Module(_) => {}
                Found::Item { item, member, .. } => {
                    if let Some(member) = member {
                        self.member(id, line, &item, &member);
                    }
                    let file = self.parsed.module(item.module).file.clone();
                    self.add(id, line, item.name, Target::File(file));
                }
                Found::Crate(name) => {
                    let taken = words.last().cloned().unwrap_or_default();
                    self.add(id, line, taken, Target::Crate(name));
                }
            }
        }
    }

    fn member(&mut self, id: ModuleId, line: usize, owner: &ItemId, name: &str) {
        let key = (owner.clone(), name.to_owned());
        let files = self.members.get(&key).cloned().unwrap_or_default();
        let home = self.parsed.module(owner.module).file.clone();
        for file in files.into_iter().filter(|file| *file != home) {
            let taken = format!("{}::{name}", owner.name);
            self.add(id, line, taken, Target::File(file));
        }
    }

    fn add(&mut self, id: ModuleId, line: usize, name: String, to: Target) {
        let from = self.parsed.module(id).file.clone();
        if to == Target::File(from.clone()) {
            return;
        }
        let names = self.taken.entry((from, to)).or_default();
        let first = names.entry(name).or_insert(line);
        *first = line.min(*first);
    }

    /// Notes a path into the crate that leads nowhere.
    fn check(&mut self, id: ModuleId, words: &[String], line: usize, found: &BTreeSet<Found>) {
        if found.is_empty() && words.len() > 1 {
            let file = self.parsed.module(id).file.display();
            let path = words.join("::");
            self.unresolved.insert(format!("{file}:{line}: {path}"));
        }
    }
}
