//! Paths in what is not parsed as code: the arguments and rules of macros, and attributes.

use proc_macro2::{Ident, Literal, TokenStream, TokenTree};

/// Keys of attributes, serde's above all, whose text is a path or a type.
const KEYS: [&str; 10] = [
    "default",
    "deserialize_with",
    "from",
    "getter",
    "into",
    "remote",
    "serialize_with",
    "skip_serializing_if",
    "try_from",
    "with",
];

/// What was found between other tokens.
pub(crate) enum Piece {
    /// `a::b::C`. `self.method` is told as `Self::method`.
    Path { words: Vec<String>, line: usize },
    /// The text in `into = "Type"`.
    Text(Literal),
}

/// All paths, those in nested brackets too.
pub(crate) fn pieces_of(tokens: &TokenStream) -> Vec<Piece> {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let before = &tokens[..at];
        at += 1;
        match token {
            TokenTree::Group(group) => pieces.extend(pieces_of(&group.stream())),
            TokenTree::Literal(text) if follows_key(before) => {
                pieces.push(Piece::Text(text.clone()));
            }
            TokenTree::Ident(first) => {
                let further = words_behind(&tokens[at..]);
                at += 3 * further.len();
                let line = first.span().start().line;
                if let Some(words) = path(first, &further, before) {
                    pieces.push(Piece::Path { words, line });
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    pieces
}

/// `key =`, where the key's text is a path.
fn follows_key(before: &[TokenTree]) -> bool {
    let [.., TokenTree::Ident(key), TokenTree::Punct(sign)] = before else {
        return false;
    };
    sign.as_char() == '=' && KEYS.iter().any(|name| key == name)
}

/// The words of `::b::C`.
fn words_behind(tokens: &[TokenTree]) -> Vec<String> {
    let words = tokens.chunks_exact(3).map_while(|tokens| {
        let TokenTree::Ident(word) = &tokens[2] else {
            return None;
        };
        (is(&tokens[0], ':') && is(&tokens[1], ':')).then(|| word.to_string())
    });
    words.collect()
}

/// The path that begins with `first`, unless what stands before makes it something else.
fn path(first: &Ident, further: &[String], before: &[TokenTree]) -> Option<Vec<String>> {
    let words = |first: &str| {
        let mut words = vec![first.to_owned()];
        words.extend(further.iter().cloned());
        words
    };
    match before {
        // A range or the rest of a struct, `..Self::default()`.
        [.., a, b] if is(a, '.') && is(b, '.') => Some(words(&first.to_string())),
        [.., TokenTree::Ident(of), dot] if is(dot, '.') && of == "self" => {
            Some(vec!["Self".to_owned(), first.to_string()])
        }
        [.., a, b] if is(a, ':') && is(b, ':') => None,
        [.., sign] if is(sign, '$') => (first == "crate").then(|| words("crate")),
        [.., sign] if is(sign, '.') || is(sign, '\'') => None,
        [.., TokenTree::Ident(word)] if word == "fn" => None,
        _ => Some(words(&first.to_string())),
    }
}

fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == sign)
}
