//! What a `use` brings into a module.

use syn::{ItemUse, UseTree, Visibility};

/// One name, or all names of a module.
#[derive(Clone)]
pub(crate) struct Import {
    /// The path as it is written, without a final `self`. `::` stands first if the path names a crate.
    pub(crate) path: Vec<String>,
    /// The name by which it is known here; none for `*`.
    pub(crate) name: Option<String>,
    /// Whether others see it here: a re-export, which needs nothing itself.
    pub(crate) is_reexport: bool,
    /// Where it stands.
    pub(crate) line: usize,
}

/// The names of one `use`, with its nested groups.
pub(crate) fn of(item: &ItemUse) -> Vec<Import> {
    let mut found = Vec::new();
    let mut path = Vec::new();
    if item.leading_colon.is_some() {
        path.push("::".to_owned());
    }
    let is_reexport = !matches!(item.vis, Visibility::Inherited);
    collect(&item.tree, &path, is_reexport, &mut found);
    found
}

fn collect(tree: &UseTree, before: &[String], is_reexport: bool, found: &mut Vec<Import>) {
    let mut path = before.to_vec();
    let (last, name) = match tree {
        UseTree::Path(it) => {
            path.push(it.ident.to_string());
            return collect(&it.tree, &path, is_reexport, found);
        }
        UseTree::Group(it) => {
            for tree in &it.items {
                collect(tree, before, is_reexport, found);
            }
            return;
        }
        UseTree::Glob(it) => {
            let line = it.star_token.spans[0].start().line;
            found.push(Import {
                path,
                name: None,
                is_reexport,
                line,
            });
            return;
        }
        UseTree::Name(it) => (&it.ident, None),
        UseTree::Rename(it) => (&it.ident, Some(it.rename.to_string())),
    };
    if last != "self" || path.is_empty() {
        path.push(last.to_string());
    }
    found.push(Import {
        name: name.or_else(|| path.last().cloned()),
        path,
        is_reexport,
        line: last.span().start().line,
    });
}
