//! What macros may define. They are not expanded: their tokens are read.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::modules::Kind;

/// What the rules of a `macro_rules!` define under a name of their own, such as `all` in
/// `=> { pub fn all() {} }`.
pub(crate) fn defined_by_rules(rules: &TokenStream) -> Vec<(String, Kind)> {
    let mut defined = Vec::new();
    let tokens: Vec<_> = rules.clone().into_iter().collect();
    for window in tokens.windows(2) {
        if let [TokenTree::Punct(sign), TokenTree::Group(body)] = window {
            if sign.as_char() == '>' {
                collect_items(&body.stream(), &mut defined);
            }
        }
    }
    defined
}

/// Items, those in a repetition `$( … )` too, but not what stands in the braces of other items.
fn collect_items(tokens: &TokenStream, defined: &mut Vec<(String, Kind)>) {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    for window in tokens.windows(2) {
        match window {
            [TokenTree::Ident(keyword), TokenTree::Ident(name)] => {
                let kind = match keyword.to_string().as_str() {
                    "enum" | "struct" | "trait" | "type" | "union" => Kind::Type,
                    "const" | "fn" | "static" => Kind::Value,
                    _ => continue,
                };
                defined.push((name.to_string(), kind));
            }
            [TokenTree::Punct(sign), TokenTree::Group(repeated)]
                if sign.as_char() == '$' && repeated.delimiter() == Delimiter::Parenthesis =>
            {
                collect_items(&repeated.stream(), defined);
            }
            _ => {}
        }
    }
}

/// Every word in the arguments of a macro: it may be the name of something that the macro defines.
pub(crate) fn words(arguments: &TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for token in arguments.clone() {
        match token {
            TokenTree::Ident(word) => {
                found.insert(word.to_string());
            }
            TokenTree::Group(group) => found.extend(words(&group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}
