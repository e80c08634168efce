//! Reads and adds rules of policy routing.

use crate::{Error, Host, IpPrefix, Rule, host::route::family_of, model::mark};
use rtnetlink::{
    packet_core::{NLM_F_CREATE, NLM_F_EXCL},
    packet_route::{
        AddressFamily, RouteNetlinkMessage,
        route::RouteProtocol,
        rule::{RuleAction, RuleAttribute, RuleMessage},
    },
};
use std::{io, net::IpAddr};

/// The value of a condition that a rule does not have (-1).
const NONE: u32 = u32::MAX;

/// The table of local addresses (`RT_TABLE_LOCAL`).
const LOCAL: u32 = 255;

/// The table of the header that stands for one whose number does not fit there (`RT_TABLE_COMPAT`).
const TABLE_COMPAT: u8 = 252;

impl Host {
    /// Returns the rules that route packets by their source alone, IPv4 and IPv6, in the order in which
    /// the kernel looks at them.
    ///
    /// Same as `ip rule show`, and `ip -6 rule show`, limited to these rules.
    ///
    /// # Kernel
    /// `RTM_GETRULE`
    #[doc(alias = "RTM_GETRULE")]
    pub async fn rules(&self) -> Result<Vec<Rule>, Error> {
        let mut rules = Vec::new();
        for family in [AddressFamily::Inet, AddressFamily::Inet6] {
            rules.extend(self.rule_messages(family).await?.iter().filter_map(parse));
        }
        Ok(rules)
    }

    /// Returns whether the kernel looks at the tables of VRFs before that of local addresses, for
    /// packets of the family of an address. A VRF then does not find addresses of other devices.
    ///
    /// # Kernel
    /// The rule for local addresses is the first (0) unless it was moved; that for VRFs
    /// (`FRA_L3MDEV`) is at 1000.
    pub(crate) async fn looks_at_vrfs_first(&self, address: IpAddr) -> Result<bool, Error> {
        let rules = self.rule_messages(family_of(address)).await?;
        Ok(rules.iter().find_map(first_lookup) == Some(FirstLookup::Vrfs))
    }

    /// Returns all rules of a family. A kernel without IPv6, or without policy routing, has none.
    async fn rule_messages(&self, family: AddressFamily) -> Result<Vec<RuleMessage>, Error> {
        let mut request = RuleMessage::default();
        request.header.family = family;
        let request = RouteNetlinkMessage::GetRule(request);
        let messages = match self.netlink().dump(request).await {
            Err(source) if has_none(&source) => Vec::new(),
            read => read.map_err(reading)?,
        };
        let rules = messages.into_iter().filter_map(|message| match message {
            RouteNetlinkMessage::NewRule(rule) => Some(rule),
            _ => None,
        });
        Ok(rules.collect())
    }

    /// Adds a rule, and marks it as added by this crate. A rule that is there already stays.
    ///
    /// Same as `ip rule add from PREFIX lookup TABLE`.
    ///
    /// # Errors
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_NET_ADMIN`.
    /// - [`Error::Kernel`]: the kernel has no policy routing.
    ///
    /// # Kernel
    /// `RTM_NEWRULE`. `FRA_PROTOCOL` exists since 4.17.
    #[doc(alias = "RTM_NEWRULE")]
    pub async fn add_rule(&self, rule: &Rule) -> Result<(), Error> {
        let request = RouteNetlinkMessage::NewRule(new(rule));
        match self
            .netlink()
            .change(request, NLM_F_CREATE | NLM_F_EXCL)
            .await
        {
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            added => added.map_err(|source| Error::refused(format!("adding {rule}"), source)),
        }
    }
}

/// What a rule without other conditions looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FirstLookup {
    Vrfs,
    LocalAddresses,
}

fn first_lookup(rule: &RuleMessage) -> Option<FirstLookup> {
    let mut table = u32::from(rule.header.table);
    let mut is_conditional = false;
    for attribute in &rule.attributes {
        match attribute {
            RuleAttribute::L3MDev(true) => return Some(FirstLookup::Vrfs),
            RuleAttribute::Table(number) => table = *number,
            RuleAttribute::L3MDev(false)
            | RuleAttribute::Priority(_)
            | RuleAttribute::Protocol(_)
            | RuleAttribute::SuppressPrefixLen(NONE)
            | RuleAttribute::SuppressIfGroup(NONE) => {}
            _ => is_conditional = true,
        }
    }
    (table == LOCAL && !is_conditional).then_some(FirstLookup::LocalAddresses)
}

fn new(rule: &Rule) -> RuleMessage {
    let mut message = RuleMessage::default();
    let source = rule.from.network().address();
    message.header.family = family_of(source);
    message.header.src_len = rule.from.length();
    message.header.action = RuleAction::ToTable;
    message.header.table = u8::try_from(rule.table).unwrap_or(TABLE_COMPAT);
    message.attributes = vec![
        RuleAttribute::Source(source),
        RuleAttribute::Table(rule.table),
        RuleAttribute::Protocol(RouteProtocol::Other(mark::PROTOCOL)),
    ];
    let priority = rule.priority.map(RuleAttribute::Priority);
    message.attributes.extend(priority);
    message
}

/// Returns `None` for a rule that does something else, or has other conditions.
fn parse(message: &RuleMessage) -> Option<Rule> {
    let header = &message.header;
    if header.action != RuleAction::ToTable || !header.flags.is_empty() || header.tos != 0 {
        return None;
    }
    let (mut source, mut table, mut priority) = (None, u32::from(header.table), 0);
    for attribute in &message.attributes {
        match attribute {
            RuleAttribute::Source(address) => source = Some(*address),
            RuleAttribute::Table(number) => table = *number,
            RuleAttribute::Priority(number) => priority = *number,
            // The kernel sends all of these with every rule.
            RuleAttribute::Protocol(_)
            | RuleAttribute::SuppressPrefixLen(NONE)
            | RuleAttribute::SuppressIfGroup(NONE) => {}
            _ => return None,
        }
    }
    Some(Rule {
        from: IpPrefix::new(source?, header.src_len).ok()?,
        table,
        priority: Some(priority),
    })
}

fn has_none(source: &io::Error) -> bool {
    source.kind() == io::ErrorKind::Unsupported
        || source.raw_os_error() == Some(nix::libc::EAFNOSUPPORT)
}

fn reading(source: io::Error) -> Error {
    Error::Kernel {
        action: "reading the routing rules".to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read_back_the_same() {
        for (from, table) in [
            ("10.10.10.100/32", 100),
            ("10.10.0.0/16", 70_000),
            ("fd00::100/128", 254),
        ] {
            let rule = Rule::new(from.parse().unwrap(), table).priority(7);
            assert_eq!(parse(&new(&rule)), Some(rule));
        }
    }

    #[test]
    fn a_rule_with_another_condition_is_none_of_these() {
        let mut message = new(&Rule::new("10.0.0.1/32".parse().unwrap(), 100));
        message.attributes.push(RuleAttribute::FwMark(7));
        assert_eq!(parse(&message), None);
        let mut everything = RuleMessage::default();
        everything.header.action = RuleAction::ToTable;
        assert_eq!(parse(&everything), None);
    }
}
