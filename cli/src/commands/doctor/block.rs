//! All commands of a report, to be pasted.

use std::collections::HashSet;
use std::io::{self, Write};

use crate::shown::shell::Line;

/// Every command once, in order. Where the next command is for another host, a new part begins.
pub(super) struct Block {
    lines: Vec<Line>,
}

impl Block {
    pub(super) fn of(lines: impl IntoIterator<Item = Line>) -> Self {
        let mut seen = HashSet::new();
        let lines = lines.into_iter().filter(|it| seen.insert(it.to_string()));
        Self {
            lines: lines.collect(),
        }
    }

    /// Prints the commands, unless the one command is easy to find anyway.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.lines.len() < 2 {
            return Ok(());
        }
        for lines in self.lines.chunk_by(|one, next| one.host() == next.host()) {
            let host = lines.first().and_then(Line::host);
            let host = host.map_or_else(|| "this host".to_owned(), |host| host.to_string());
            let open = if lines.iter().all(Line::is_ready) {
                ""
            } else {
                " (those behind # are for you to complete, or to decide)"
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
            printed([up("eth1"), up("eth1"), there(), up("eth0"), there()]),
            "
# On this host, in this order:
ip link set eth1 up

# On 10.10.20.12, in this order:
ip link set eth0 up

# On this host, in this order:
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
# On this host, in this order (those behind # are for you to complete, or to decide):
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
