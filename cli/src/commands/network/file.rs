use std::path::Path;

use lbnet::File;

use crate::ending::Failure;

/// What a file names in one of its sections.
pub(crate) fn named_in<T>(
    path: &Path,
    section: &str,
    named: impl FnOnce(File) -> Vec<T>,
) -> Result<Vec<T>, Failure> {
    let all = named(File::read(path)?);
    if all.is_empty() {
        return Err(format!("{}: [{section}] names no virtual IP", path.display()).into());
    }
    Ok(all)
}
