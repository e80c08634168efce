//! The modules of a crate: the file of each, what it defines, and what it imports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::{Item, ItemMod};

use crate::imports::{self, Import};
use crate::macros;
use crate::sources::Sources;
use crate::test_only;

/// A module, by its place in [`Crate::modules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModuleId(usize);

/// One module, in a file of its own or inline.
pub(crate) struct Module {
    pub(crate) parent: Option<ModuleId>,
    pub(crate) file: PathBuf,
    pub(crate) children: BTreeMap<String, ModuleId>,
    pub(crate) imports: Vec<Import>,
    pub(crate) definitions: BTreeSet<(String, Kind)>,
    /// Every word in the arguments of a macro that is called between items.
    pub(crate) macro_words: BTreeSet<String>,
    /// The code, without modules and imports.
    pub(crate) items: Vec<Item>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A type or a trait: names can follow it, as in `Type::method`.
    Type,
    /// A function, a constant or a static.
    Value,
    /// A `macro_rules!`.
    Macro,
}

/// A crate, taken apart.
pub(crate) struct Crate {
    pub(crate) folder: String,
    modules: Vec<Module>,
    /// Where modules lie that only tests compile: `folder/tests`, for `tests.rs` and what is below it.
    test_modules: Vec<PathBuf>,
}

impl Crate {
    /// The root module.
    pub(crate) const ROOT: ModuleId = ModuleId(0);

    /// Parses every file that a `mod` leads to.
    pub(crate) fn parse(sources: &Sources) -> Self {
        let mut parsed = Self {
            folder: sources.folder.clone(),
            modules: Vec::new(),
            test_modules: Vec::new(),
        };
        let root = sources.root();
        let src = root.parent().unwrap().to_owned();
        parsed.parse_file(sources, &root, &src, None);
        parsed
    }

    /// A module.
    pub(crate) fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0]
    }

    /// All modules, those that contain others first.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..self.modules.len()).map(ModuleId)
    }

    /// Whether a module of the crate, or of its tests, lies in this file.
    pub(crate) fn has_file(&self, file: &Path) -> bool {
        let without_extension = file.with_extension("");
        let mut tests = self.test_modules.iter();
        self.modules.iter().any(|it| it.file == file)
            || tests.any(|it| without_extension.starts_with(it))
    }

    /// `below` is the folder in which the files of child modules lie.
    fn parse_file(
        &mut self,
        sources: &Sources,
        file: &Path,
        below: &Path,
        parent: Option<ModuleId>,
    ) -> ModuleId {
        let text = &sources.files[file];
        let parsed = syn::parse_file(text).unwrap_or_else(|error| {
            let place = error.span().start();
            panic!("{}:{}: {error}", file.display(), place.line)
        });
        self.add(sources, file, below, parent, parsed.items)
    }

    fn add(
        &mut self,
        sources: &Sources,
        file: &Path,
        below: &Path,
        parent: Option<ModuleId>,
        items: Vec<Item>,
    ) -> ModuleId {
        let id = ModuleId(self.modules.len());
        self.modules.push(Module::new(parent, file));
        for item in items {
            if test_only::is_test_only(test_only::of_item(&item)) {
                if let Item::Mod(child) = item {
                    self.test_modules.push(below.join(child.ident.to_string()));
                }
                continue;
            }
            match item {
                Item::Mod(child) => {
                    let name = child.ident.to_string();
                    let child = self.child(sources, below, id, child);
                    self.modules[id.0].children.insert(name, child);
                }
                Item::Use(item) => self.modules[id.0].imports.extend(imports::of(&item)),
                item => self.modules[id.0].take(item),
            }
        }
        id
    }

    fn child(
        &mut self,
        sources: &Sources,
        below: &Path,
        parent: ModuleId,
        child: ItemMod,
    ) -> ModuleId {
        let is_elsewhere = child.attrs.iter().any(|it| it.path().is_ident("path"));
        assert!(
            !is_elsewhere,
            "mod {}: #[path] is not followed",
            child.ident
        );
        let name = child.ident.to_string();
        let folder = below.join(&name);
        if let Some((_, items)) = child.content {
            let file = self.modules[parent.0].file.clone();
            return self.add(sources, &file, &folder, Some(parent), items);
        }
        let beside = folder.with_extension("rs");
        let inside = folder.join("mod.rs");
        let file = if sources.files.contains_key(&beside) {
            beside
        } else {
            inside
        };
        self.parse_file(sources, &file, &folder, Some(parent))
    }
}

impl Module {
    fn new(parent: Option<ModuleId>, file: &Path) -> Self {
        Self {
            parent,
            file: file.to_owned(),
            children: BTreeMap::new(),
            imports: Vec::new(),
            definitions: BTreeSet::new(),
            macro_words: BTreeSet::new(),
            items: Vec::new(),
        }
    }

    fn take(&mut self, item: Item) {
        if let Item::Macro(it) = &item {
            let tokens = &it.mac.tokens;
            if it.ident.is_some() {
                self.definitions.extend(macros::defined_by_rules(tokens));
            } else {
                self.macro_words.extend(macros::words(tokens));
            }
        }
        let defined = match &item {
            Item::Const(it) => Some((&it.ident, Kind::Value)),
            Item::Enum(it) => Some((&it.ident, Kind::Type)),
            Item::Fn(it) => Some((&it.sig.ident, Kind::Value)),
            Item::Macro(it) => it.ident.as_ref().map(|ident| (ident, Kind::Macro)),
            Item::Static(it) => Some((&it.ident, Kind::Value)),
            Item::Struct(it) => Some((&it.ident, Kind::Type)),
            Item::Trait(it) => Some((&it.ident, Kind::Type)),
            Item::Type(it) => Some((&it.ident, Kind::Type)),
            Item::Union(it) => Some((&it.ident, Kind::Type)),
            _ => None,
        };
        if let Some((ident, kind)) = defined {
            self.definitions.insert((ident.to_string(), kind));
        }
        self.items.push(item);
    }
}
