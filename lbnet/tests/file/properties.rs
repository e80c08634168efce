//! What holds for every file, and for every text.

use ipvs::Table;
use lbnet::File;
use proptest::prelude::*;

use crate::strategies::{any_file, any_mutated_text};

/// The table as `toml` alone reads it.
fn table_alone(text: &str) -> Option<Table> {
    let mut document: toml::Table = text.parse().ok()?;
    document.remove("director");
    document.remove("real-server");
    document.try_into().ok()
}

proptest! {
    #[test]
    fn a_file_that_was_written_is_read_as_the_same(file in any_file()) {
        let text = file.to_toml().unwrap();
        prop_assert_eq!(File::parse(&text), Ok(file), "{}", text);
    }

    #[test]
    fn a_text_with_mistakes_is_refused_or_read_as_toml_alone_reads_it(text in any_mutated_text()) {
        match File::parse(&text) {
            Ok(file) => prop_assert_eq!(Some(file.table), table_alone(&text)),
            Err(error) => {
                prop_assert!(error.line() <= text.matches('\n').count() + 1, "{}", error);
                let is_about_host = text.contains("director") || text.contains("real-server");
                prop_assert!(is_about_host || table_alone(&text).is_none(), "{}", error);
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "(\\PC|\n|[\\[\\]=\"#.{},])*") {
        let _ = File::parse(&text);
    }
}
