//! Rules of policy routing, as values.

use crate::IpPrefix;
use serde::Serialize;
use std::{fmt, net::IpAddr};

/// A rule that routes packets by their source: those from some addresses by a table of their own.
///
/// Same as `ip rule add from PREFIX lookup TABLE`.
///
/// # Examples
/// ```
/// use lbnet::Rule;
///
/// let rule = Rule::new("10.10.10.100/32".parse()?, 100);
/// assert_eq!(rule.to_string(), "the rule from 10.10.10.100/32 lookup 100");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Rule {
    /// The sources of the packets.
    pub from: IpPrefix,
    /// The number of the routing table.
    pub table: u32,
    /// The place of the rule: the kernel looks at small numbers first. `None` when adding: the kernel
    /// puts the rule before all others, except the first.
    pub priority: Option<u32>,
}

impl Rule {
    /// Packets from these addresses are routed by this table.
    pub fn new(from: IpPrefix, table: u32) -> Self {
        Self {
            from,
            table,
            priority: None,
        }
    }

    /// Sets the place of the rule.
    #[must_use]
    pub fn priority(self, priority: u32) -> Self {
        Self {
            priority: Some(priority),
            ..self
        }
    }

    /// Whether the rule is about packets from this address.
    pub fn is_for(&self, source: IpAddr) -> bool {
        self.from.contains(source)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the rule from {} lookup {}", self.from, self.table)
    }
}
