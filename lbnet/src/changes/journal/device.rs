//! What the journal records about a device.

use serde::{Deserialize, Serialize};

use crate::{DeviceName, Link};

/// A device of a set-up, as it was when the set-up was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownDevice {
    pub(super) name: DeviceName,
    index: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mac: Option<String>,
    /// Its earlier names, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) was: Vec<DeviceName>,
}

impl KnownDevice {
    pub(super) fn of(link: &Link) -> Self {
        Self {
            name: link.name.clone(),
            index: link.index,
            mac: link.mac.map(|mac| mac.to_string()),
            was: Vec::new(),
        }
    }

    /// Returns whether this is the device. The kernel gives the number of a deleted device to
    /// another one only if a program asks for that number.
    pub(super) fn is(&self, link: &Link) -> bool {
        let now = Self::of(link);
        (self.index, &self.mac) == (now.index, &now.mac)
    }
}
