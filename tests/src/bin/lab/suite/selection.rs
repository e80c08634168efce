//! Which tests are to run.

/// Which tests to run.
pub struct Selection {
    /// Those of these packages; empty: of all.
    pub packages: Vec<String>,
    /// Those whose name contains this.
    pub filter: Option<String>,
}

impl Selection {
    /// The packages, as cargo wants them.
    pub(super) fn cargo_arguments(&self) -> Vec<&str> {
        if self.packages.is_empty() {
            return vec!["--workspace", "--all-features"];
        }
        self.packages
            .iter()
            .flat_map(|package| ["--package", package])
            .collect()
    }
}
