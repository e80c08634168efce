use std::fmt;
use std::net::IpAddr;

use crate::session::NetnsName;

/// A line for a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    command: String,
    scope: Scope,
    netns: Option<NetnsName>,
    comments: Vec<String>,
}

/// What a command works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// This program: it can enter a network namespace by itself.
    Ours,
    /// The network namespace that the command runs in.
    Network,
    /// The machine, or another host: network namespaces of this one make no difference.
    Machine,
}

impl Line {
    fn new(scope: Scope) -> Self {
        Self {
            command: String::new(),
            scope,
            netns: None,
            comments: Vec::new(),
        }
    }

    /// A command of this program.
    pub(super) fn ours<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Self {
        Self::new(Scope::Ours).words(["ipvs-rs"]).words(words)
    }

    /// A command about the network.
    pub(super) fn network<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Self {
        Self::new(Scope::Network).words(words)
    }

    /// A command about the whole machine.
    pub(super) fn machine<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Self {
        Self::new(Scope::Machine).words(words)
    }

    /// What only a shell can do; words in it are quoted already.
    pub(super) fn shell(command: &str) -> Self {
        Self {
            command: command.to_owned(),
            ..Self::new(Scope::Machine)
        }
    }

    /// Nothing to type.
    pub(super) fn only_comment(comment: &str) -> Self {
        Self::new(Scope::Machine).comment(comment)
    }

    /// Adds words.
    pub(super) fn words<W: AsRef<str>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        for word in words {
            if !self.command.is_empty() {
                self.command.push(' ');
            }
            self.command.push_str(&quoted(word.as_ref()));
        }
        self
    }

    /// Adds a comment.
    pub(super) fn comment(mut self, comment: &str) -> Self {
        self.comments.push(comment.to_owned());
        self
    }

    /// The same for another host.
    pub(super) fn on(mut self, host: IpAddr) -> Self {
        self.scope = Scope::Machine;
        self.comments.insert(0, format!("on {host}"));
        self
    }

    /// The same for a network namespace of this machine, typed outside of it.
    pub(super) fn within(mut self, netns: Option<&NetnsName>) -> Self {
        self.netns = netns.cloned();
        self
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = &self.command;
        match (self.scope, &self.netns) {
            (Scope::Ours, Some(netns)) => {
                write!(f, "{command} --netns {}", quoted(&netns.to_string()))?;
            }
            (Scope::Network, Some(netns)) => write!(f, "{} {command}", entering(netns))?,
            _ => f.write_str(command)?,
        }
        if self.comments.is_empty() {
            return Ok(());
        }
        let before = if command.is_empty() { "# " } else { "  # " };
        write!(f, "{before}{}", self.comments.join("; "))
    }
}

/// What runs a command in a network namespace.
fn entering(netns: &NetnsName) -> String {
    match netns {
        NetnsName::Named(name) => format!("ip netns exec {}", quoted(name)),
        NetnsName::At(path) => format!("nsenter --net={}", quoted(&path.to_string_lossy())),
        NetnsName::OfProcess(pid) => format!("nsenter --target {pid} --net"),
    }
}

/// A word as a shell takes it: a network device may be called `a;b`.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.,:/=@%+[]".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_for_a_network_namespace_is_typed_outside_of_it() {
        let up = || ["ip", "link", "set", "eth0", "up"];
        let web = "web".parse().unwrap();
        let within = |line: Line| line.within(Some(&web)).to_string();
        assert_eq!(
            within(Line::network(up())),
            "ip netns exec web ip link set eth0 up"
        );
        assert_eq!(within(Line::ours(["info"])), "ipvs-rs info --netns web");
        let module = ["modprobe", "ip_vs"];
        assert_eq!(within(Line::machine(module)), "modprobe ip_vs");
        for (netns, line) in [
            ("/run/a b", "nsenter --net='/run/a b' ip link set eth0 up"),
            ("pid:7", "nsenter --target 7 --net ip link set eth0 up"),
        ] {
            let netns = netns.parse().unwrap();
            let there = Line::network(up()).within(Some(&netns));
            assert_eq!(there.to_string(), line);
        }
    }

    #[test]
    fn a_command_for_another_host_says_so() {
        let line = Line::ours(["info"]).on("10.10.10.12".parse().unwrap());
        let line = line.comment("once").within("web".parse().ok().as_ref());
        assert_eq!(line.to_string(), "ipvs-rs info  # on 10.10.10.12; once");
    }

    #[test]
    fn a_device_of_any_name_is_one_word() {
        let line = Line::network(["ip", "link", "set", "a;b'c", "up"]);
        assert_eq!(line.to_string(), r"ip link set 'a;b'\''c' up");
    }
}
