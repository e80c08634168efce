//! Trees with something wrong: the check finds it.

mod circles;
mod paths;
mod table;

use crate::arrows::{self, Target};
use crate::check;
use crate::modules::Crate;
use crate::sources::Sources;
use crate::table::Table;

/// What the check says of a crate `planted`, with these rows.
fn complaints(files: &[(&str, &str)], rows: &[&str]) -> Vec<String> {
    let head = [
        "# A text",
        "",
        "| crate | room | holds | may use |",
        "| --- | --- | --- | --- |",
    ];
    let text = [&head, rows, &["", "More text."]].concat().join("\n");
    check::complaints(&Sources::planted("planted", files), &Table::read(&text))
}

/// The imports of a crate, each as `from -> to: name`.
fn imports(files: &[(&str, &str)]) -> Vec<String> {
    let parsed = Crate::parse(&Sources::planted("planted", files));
    let found = arrows::of(&parsed);
    assert_eq!(found.unresolved, [""; 0]);
    let mut lines = Vec::new();
    for arrow in &found.all {
        let Target::File(to) = &arrow.to else {
            continue;
        };
        let [from, to] =
            [&arrow.from, to].map(|it| it.strip_prefix("planted/src").unwrap().display());
        lines.extend(
            arrow
                .names
                .keys()
                .map(|name| format!("{from} -> {to}: {name}")),
        );
    }
    lines
}
