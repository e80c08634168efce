//! All commands of a report, to be pasted.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};
use std::net::IpAddr;

use crate::shown::shell::Line;

/// Every command once, in order: first those for this host, then those for each other host.
pub(super) struct Block {
    hosts: BTreeMap<Option<IpAddr>, Vec<Line>>,
    commands: usize,
}

impl Block {
    pub(super) fn of(lines: impl IntoIterator<Item = Line>) -> Self {
        let mut hosts: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut seen = HashSet::new();
        for line in lines {
            if seen.insert(line.to_string()) {
                hosts.entry(line.host()).or_default().push(line);
            }
        }
        Self {
            hosts,
            commands: seen.len(),
        }
    }

    /// Prints the commands, unless the one command is easy to find anyway.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.commands < 2 {
            return Ok(());
        }
        for (host, lines) in &self.hosts {
            let host = host.map_or_else(|| "this host".to_owned(), |host| host.to_string());
            let open = if lines.iter().all(Line::is_ready) {
                ""
            } else {
                " (complete those behind # first)"
            };
            writeln!(out, "\n# On {host}, in this order{open}:")?;
            for line in lines {
                writeln!(out, "{}", line.to_paste())?;
            }
        }
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(lines: impl IntoIterator<Item = Line>) -> String {
        let mut out = Vec::new();
        Block::of(lines).print(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn up(device: &str) -> Line {
        Line::network(["ip", "link", "set", device, "up"])
    }

    #[test]
    fn every_command_is_there_once_for_the_host_that_it_is_for() {
        let there = || up("eth0").on("10.10.20.12".parse().unwrap());
        assert_eq!(
            printed([up("eth1"), there(), up("eth0"), up("eth1"), there()]),
            "
# On this host, in this order:
ip link set eth1 up
ip link set eth0 up

# On 10.10.20.12, in this order:
ip link set eth0 up

"
        );
    }

    #[test]
    fn what_is_not_complete_is_never_run_by_pasting() {
        let open = Line::ours(["add-service", "-t", "VIP:PORT"]).for_operator();
        let wide = Line::network(["ip", "link", "set", "eth0", "mtu", "1520"]);
        let wide = wide.comment("if all accept it").for_operator();
        let words = Line::only_comment("ask");
        assert_eq!(
            printed([open, up("eth0").comment("at once"), wide, words]),
            "
# On this host, in this order (complete those behind # first):
# ipvs-rs add-service -t VIP:PORT
ip link set eth0 up
# ip link set eth0 mtu 1520  # if all accept it
# ask

"
        );
    }

    #[test]
    fn one_command_needs_no_block() {
        assert_eq!(printed([up("eth0"), up("eth0")]), "");
    }
}
