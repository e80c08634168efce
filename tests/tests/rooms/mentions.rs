//! What a piece of code names: every path, wherever it stands.

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Expr, ExprMethodCall, ImplItem, Item, LitStr, Macro, Meta, Pat, PatIdent,
    PatType, Path, Signature, Stmt, TraitItem, Type,
};

use crate::imports::{self, Import};
use crate::test_only;
use crate::tokens::{self, Piece};

/// A path, as it is written.
pub(crate) struct Mention {
    /// Its words. `self.method()` is told as `Self::method`, and `host.method()` as `Host::method` where
    /// `host: &Host` is an argument.
    pub(crate) words: Vec<String>,
    pub(crate) line: usize,
    /// Imports of the functions and blocks around it.
    pub(crate) local: Vec<Import>,
    pub(crate) role: Role,
}

/// Where a path stands, if that makes a difference.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Ordinary,
    /// `name!`: known below the module that defines it, without an import.
    Macro,
    /// `with = "…"`: a module as a whole may be meant.
    Text,
}

/// All that an item names, but what only tests do.
pub(crate) fn of(item: &Item) -> Vec<Mention> {
    let mut reader = Reader {
        mentions: Vec::new(),
        local: Vec::new(),
        typed: BTreeMap::new(),
        role: Role::Ordinary,
    };
    reader.visit_item(item);
    reader.mentions
}

struct Reader {
    mentions: Vec<Mention>,
    local: Vec<Import>,
    /// Arguments and variables of which the type is written down.
    typed: BTreeMap<String, Vec<String>>,
    role: Role,
}

impl Reader {
    fn add(&mut self, words: Vec<String>, line: usize, role: Role) {
        let local = self.local.clone();
        self.mentions.push(Mention {
            words,
            line,
            local,
            role,
        });
    }

    fn path(&mut self, path: &Path, role: Role) {
        let lead = path.leading_colon.map(|_| "::".to_owned());
        let words = path.segments.iter().map(|it| it.ident.to_string());
        let words = lead.into_iter().chain(words).collect();
        self.add(words, path.span().start().line, role);
    }

    fn tokens(&mut self, tokens: &TokenStream) {
        for piece in tokens::pieces_of(tokens) {
            match piece {
                Piece::Path { words, line } => self.add(words, line, Role::Ordinary),
                Piece::Text(text) => self.text(&text),
            }
        }
    }

    fn text(&mut self, text: &Literal) {
        let tokens = TokenStream::from(proc_macro2::TokenTree::from(text.clone()));
        let parsed = syn::parse2::<LitStr>(tokens).and_then(|text| text.parse::<Type>());
        if let Ok(named) = parsed {
            self.role = Role::Text;
            self.visit_type(&named);
            self.role = Role::Ordinary;
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !test_only::is_test_only(test_only::of_item(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !test_only::is_test_only(test_only::of_impl_item(item)) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        if !test_only::is_test_only(test_only::of_trait_item(item)) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_block(&mut self, block: &'ast Block) {
        let around = self.local.len();
        for statement in &block.stmts {
            if let Stmt::Item(Item::Use(item)) = statement {
                for import in imports::of(item) {
                    self.add(import.path.clone(), import.line, Role::Ordinary);
                    self.local.push(import);
                }
            }
        }
        visit::visit_block(self, block);
        self.local.truncate(around);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        self.path(path, self.role);
        visit::visit_path(self, path);
    }

    fn visit_signature(&mut self, signature: &'ast Signature) {
        self.typed = BTreeMap::from([("self".to_owned(), vec!["Self".to_owned()])]);
        visit::visit_signature(self, signature);
    }

    fn visit_pat_type(&mut self, pattern: &'ast PatType) {
        visit::visit_pat_type(self, pattern);
        let mut of = &*pattern.ty;
        while let Type::Reference(reference) = of {
            of = &reference.elem;
        }
        if let (Pat::Ident(name), Type::Path(of)) = (&*pattern.pat, of) {
            let words = of.path.segments.iter().map(|it| it.ident.to_string());
            self.typed.insert(name.ident.to_string(), words.collect());
        }
    }

    fn visit_pat_ident(&mut self, name: &'ast PatIdent) {
        self.typed.remove(&name.ident.to_string());
        visit::visit_pat_ident(self, name);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if let Expr::Path(receiver) = &*call.receiver {
            let name = receiver.path.get_ident().map(ToString::to_string);
            if let Some(of) = name.and_then(|name| self.typed.get(&name)) {
                let mut words = of.clone();
                words.push(call.method.to_string());
                self.add(words, call.method.span().start().line, Role::Ordinary);
            }
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.path(&called.path, Role::Macro);
        self.tokens(&called.tokens);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.tokens(&list.tokens);
        }
    }
}
