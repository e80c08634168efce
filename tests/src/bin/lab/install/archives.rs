//! Package files that were downloaded and are to be unpacked.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

/// The packages that were downloaded.
pub(super) struct Archives {
    folder: PathBuf,
    /// The package files, in a fixed order.
    pub(super) files: Vec<PathBuf>,
}

impl Archives {
    /// All package files in a folder.
    pub(super) fn in_folder(folder: PathBuf) -> Result<Self> {
        let mut files: Vec<PathBuf> = fs::read_dir(&folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .collect();
        files.sort();
        Ok(Self { folder, files })
    }

    /// Name and version of each of `packages`.
    pub(super) fn versions(&self, packages: &[&str]) -> Vec<String> {
        let names = self
            .files
            .iter()
            .filter_map(|file| file.file_stem()?.to_str());
        names
            .filter_map(name_and_version)
            .filter(|(name, _)| packages.contains(name))
            .map(|(name, version)| format!("{name} {version}"))
            .collect()
    }

    /// They are not needed once unpacked.
    pub(super) fn remove(self) {
        let _ = fs::remove_dir_all(self.folder);
    }
}

/// `curl_1%3a7.88.1-10_amd64` is curl 1:7.88.1-10.
fn name_and_version(stem: &str) -> Option<(&str, String)> {
    let mut parts = stem.split('_');
    Some((parts.next()?, parts.next()?.replace("%3a", ":")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_tells_the_version() {
        let (name, version) = name_and_version("ipvsadm_1%3a1.31-1+b1_amd64").unwrap();
        assert_eq!((name, version.as_str()), ("ipvsadm", "1:1.31-1+b1"));
    }
}
