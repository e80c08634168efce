//! The source files of one crate, by path.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What a crate is made of.
pub(crate) struct Sources {
    /// The crate's folder, which is also its name in the table of rooms.
    pub(crate) folder: String,
    /// Path, from the top of the repository, and text.
    pub(crate) files: BTreeMap<PathBuf, String>,
}

impl Sources {
    /// Reads `folder/src`. Programs of their own under `src/bin` are left out.
    pub(crate) fn read(repository: &Path, folder: &str) -> Self {
        let mut sources = Self {
            folder: folder.to_owned(),
            files: BTreeMap::new(),
        };
        sources.read_folder(repository, &Path::new(folder).join("src"));
        sources
    }

    fn read_folder(&mut self, repository: &Path, folder: &Path) {
        for entry in fs::read_dir(repository.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                self.read_folder(repository, &path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(entry.path()).unwrap();
                self.files.insert(path, text);
            }
        }
    }

    /// A crate that exists only in a test: paths under `src`, each with its text.
    pub(crate) fn planted(folder: &str, files: &[(&str, &str)]) -> Self {
        let src = Path::new(folder).join("src");
        Self {
            folder: folder.to_owned(),
            files: files
                .iter()
                .map(|&(path, text)| (src.join(path), text.to_owned()))
                .collect(),
        }
    }

    /// The file that the compiler starts with.
    pub(crate) fn root(&self) -> PathBuf {
        let src = Path::new(&self.folder).join("src");
        let library = src.join("lib.rs");
        if self.files.contains_key(&library) {
            library
        } else {
            src.join("main.rs")
        }
    }
}
