//! Follows a path, through imports, re-exports and globs, to what defines it.

use std::collections::BTreeSet;

use crate::imports::Import;
use crate::modules::{Crate, Kind, ModuleId};

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Found {
    /// A module of the crate.
    Module(ModuleId),
    /// What a module of the crate defines, and the name behind it: `method` of `Type::method`.
    Item {
        item: ItemId,
        kind: Kind,
        member: Option<String>,
    },
    /// Another crate, as code names it.
    Crate(String),
}

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ItemId {
    pub(crate) module: ModuleId,
    pub(crate) name: String,
}

/// Names on the way: one that comes again is a circle of re-exports, which leads nowhere.
type Walked = Vec<(ModuleId, String)>;

impl Crate {
    /// All that a path may mean in a module, where `local` are the imports of the function around it.
    ///
    /// One name can be a type, a value, a macro and a module at once. The module is left out where
    /// there is something else: `use self::apply` is about the function, if there is one.
    pub(crate) fn resolve(
        &self,
        from: ModuleId,
        path: &[String],
        local: &[Import],
    ) -> BTreeSet<Found> {
        let mut found = self.follow(from, path, local, &mut Walked::new());
        if found.iter().any(|it| !matches!(it, Found::Module(_))) {
            found.retain(|it| !matches!(it, Found::Module(_)));
        }
        found
    }

    fn follow(
        &self,
        from: ModuleId,
        path: &[String],
        local: &[Import],
        walked: &mut Walked,
    ) -> BTreeSet<Found> {
        let Some((first, mut rest)) = path.split_first() else {
            return BTreeSet::new();
        };
        let mut places = match first.as_str() {
            "crate" => BTreeSet::from([Found::Module(Self::ROOT)]),
            "self" => BTreeSet::from([Found::Module(from)]),
            "super" => {
                let mut module = self.module(from).parent;
                while let Some(("super", further)) =
                    rest.split_first().map(|(a, b)| (a.as_str(), b))
                {
                    module = module.and_then(|id| self.module(id).parent);
                    rest = further;
                }
                module.into_iter().map(Found::Module).collect()
            }
            "::" => {
                let name = rest.first().cloned();
                return name.into_iter().map(Found::Crate).collect();
            }
            name => self
                .look_up(from, name, local, walked)
                .or_else(|| self.own_type_by_macro(from, name))
                .unwrap_or_else(|| BTreeSet::from([Found::Crate(name.to_owned())])),
        };
        for word in rest {
            let before = std::mem::take(&mut places);
            for place in before {
                places.extend(self.step(place, word, walked));
            }
        }
        places
    }

    /// What `word` is behind `place`.
    fn step(&self, place: Found, word: &str, walked: &mut Walked) -> BTreeSet<Found> {
        match place {
            Found::Module(module) => self
                .look_up(module, word, &[], walked)
                .unwrap_or_else(|| self.by_macro(module, word, walked)),
            Found::Item {
                kind: Kind::Value | Kind::Macro,
                ..
            } => BTreeSet::new(),
            Found::Item { item, kind, member } => BTreeSet::from([Found::Item {
                item,
                kind,
                member: member.or_else(|| Some(word.to_owned())),
            }]),
            Found::Crate(_) => BTreeSet::from([place]),
        }
    }

    /// What a name is in a module; none if the module does not know it.
    fn look_up(
        &self,
        module: ModuleId,
        name: &str,
        local: &[Import],
        walked: &mut Walked,
    ) -> Option<BTreeSet<Found>> {
        let here = (module, name.to_owned());
        if walked.contains(&here) {
            // In `use json::json` the first word is the module: not the name that is being imported.
            let own = self.own(module, name);
            return (!own.is_empty()).then_some(own);
        }
        walked.push(here);
        let found = self
            .by_name(module, name, local, walked)
            .or_else(|| self.by_glob(module, name, local, walked));
        walked.pop();
        found
    }

    /// What the module itself has of this name.
    fn own(&self, id: ModuleId, name: &str) -> BTreeSet<Found> {
        let module = self.module(id);
        let kinds = [Kind::Type, Kind::Value, Kind::Macro].into_iter();
        let defined = kinds.filter(|&kind| module.definitions.contains(&(name.to_owned(), kind)));
        let defined = defined.map(|kind| Found::item(id, name, kind));
        let child = module.children.get(name).copied().map(Found::Module);
        defined.chain(child).collect()
    }

    fn by_name(
        &self,
        id: ModuleId,
        name: &str,
        local: &[Import],
        walked: &mut Walked,
    ) -> Option<BTreeSet<Found>> {
        let mut found = self.own(id, name);
        let mut is_known = !found.is_empty();
        for import in local.iter().chain(&self.module(id).imports) {
            if import.name.as_deref() == Some(name) {
                is_known = true;
                found.extend(self.follow(id, &import.path, &[], walked));
            }
        }
        is_known.then_some(found)
    }

    fn by_glob(
        &self,
        id: ModuleId,
        name: &str,
        local: &[Import],
        walked: &mut Walked,
    ) -> Option<BTreeSet<Found>> {
        let imports = local.iter().chain(&self.module(id).imports);
        let mut found = BTreeSet::new();
        for import in imports.filter(|it| it.name.is_none()) {
            for target in self.follow(id, &import.path, &[], walked) {
                if let Found::Module(target) = target {
                    found.extend(self.look_up(target, name, &[], walked).unwrap_or_default());
                }
            }
        }
        (!found.is_empty()).then_some(found)
    }

    /// What a macro of a module, or of one that it re-exports as a whole, may define: any word in the
    /// macro's arguments. For paths that say that the module has it.
    fn by_macro(&self, id: ModuleId, name: &str, walked: &mut Walked) -> BTreeSet<Found> {
        if self.module(id).macro_words.contains(name) {
            return BTreeSet::from([Found::item(id, name, Kind::Type)]);
        }
        let here = (id, name.to_owned());
        if walked.contains(&here) {
            return BTreeSet::new();
        }
        walked.push(here);
        let mut found = BTreeSet::new();
        for import in self
            .module(id)
            .imports
            .iter()
            .filter(|it| it.name.is_none())
        {
            for target in self.follow(id, &import.path, &[], walked) {
                if let Found::Module(target) = target {
                    found.extend(self.by_macro(target, name, walked));
                }
            }
        }
        walked.pop();
        found
    }

    /// The same for a type that is named where a macro defines it.
    fn own_type_by_macro(&self, id: ModuleId, name: &str) -> Option<BTreeSet<Found>> {
        let is_type = name.starts_with(char::is_uppercase);
        let is_own = is_type && self.module(id).macro_words.contains(name);
        is_own.then(|| BTreeSet::from([Found::item(id, name, Kind::Type)]))
    }
}

impl Found {
    fn item(module: ModuleId, name: &str, kind: Kind) -> Self {
        Self::Item {
            item: ItemId {
                module,
                name: name.to_owned(),
            },
            kind,
            member: None,
        }
    }
}
