//! The figures in `figures.toml`, beside this file.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The highest counts that pass.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figures {
    pub(crate) instructions: BTreeMap<String, f64>,
    pub(crate) allocations: BTreeMap<String, f64>,
    pub(crate) system_calls: BTreeMap<String, f64>,
}

impl Figures {
    pub(crate) fn noted() -> Self {
        toml::from_str(include_str!("figures.toml")).unwrap()
    }
}
