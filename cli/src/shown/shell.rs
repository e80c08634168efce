//! Commands that are printed to be typed into a shell.

use std::fmt;
use std::net::IpAddr;

use serde::{Serialize, Serializer};

use crate::session::NetnsName;

/// A command to type, or to run. As JSON: its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    command: Command,
    scope: Scope,
    host: Option<IpAddr>,
    netns: Option<NetnsName>,
    comments: Vec<String>,
    readiness: Readiness,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Command {
    /// A program and its arguments; no words if there is nothing to type.
    Words(Vec<String>),
    /// What only a shell can do; words in it are quoted already.
    Script(String),
}

/// What a command works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// This program: it can enter a network namespace by itself.
    Ours,
    /// The network namespace that the command runs in.
    Network,
    /// The machine: its network namespaces make no difference.
    Machine,
}

/// Whether a command can be run as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readiness {
    Ready,
    /// Only after the operator has replaced words, or has seen that the condition in the comment holds.
    ForOperator,
}

impl Line {
    fn new(scope: Scope, command: Command) -> Self {
        Self {
            command,
            scope,
            host: None,
            netns: None,
            comments: Vec::new(),
            readiness: Readiness::Ready,
        }
    }

    /// A command of this program.
    pub(crate) fn ours<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Self {
        Self::of(Scope::Ours, ["ipvs-rs"]).words(words)
    }

    /// A command about the network.
    pub(crate) fn network<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Self {
        Self::of(Scope::Network, words)
    }

    /// A command about the whole machine.
    pub(crate) fn machine<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Self {
        Self::of(Scope::Machine, words)
    }

    fn of<W: AsRef<str>>(scope: Scope, words: impl IntoIterator<Item = W>) -> Self {
        Self::new(scope, Command::Words(Vec::new())).words(words)
    }

    /// What only a shell can do; words in it are quoted already.
    pub(crate) fn shell(script: &str) -> Self {
        Self::new(Scope::Machine, Command::Script(script.to_owned()))
    }

    /// Nothing to type.
    pub(crate) fn only_comment(comment: &str) -> Self {
        let nothing = Self::new(Scope::Machine, Command::Words(Vec::new()));
        nothing.comment(comment).for_operator()
    }

    /// Adds words; to a script, quoted ones.
    pub(crate) fn words<W: AsRef<str>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        for word in words {
            let word = word.as_ref();
            match &mut self.command {
                Command::Words(words) => words.push(word.to_owned()),
                Command::Script(script) => {
                    script.push(' ');
                    script.push_str(&quoted(word));
                }
            }
        }
        self
    }

    /// Adds a comment.
    pub(crate) fn comment(mut self, comment: &str) -> Self {
        self.comments.push(comment.to_owned());
        self
    }

    /// Not to be run as it is: the operator has to replace words, or to look at the comment.
    pub(crate) fn for_operator(mut self) -> Self {
        self.readiness = Readiness::ForOperator;
        self
    }

    /// The same for another host.
    pub(crate) fn on(mut self, host: IpAddr) -> Self {
        self.host = Some(host);
        self
    }

    /// The same for a network namespace of this machine, typed outside of it.
    pub(crate) fn within(mut self, netns: Option<&NetnsName>) -> Self {
        self.netns = netns.cloned();
        self
    }

    /// The other host that it is for, if it is not for this one.
    pub(crate) fn host(&self) -> Option<IpAddr> {
        self.host
    }

    /// Whether it can be run as it is.
    pub(crate) fn is_ready(&self) -> bool {
        self.readiness == Readiness::Ready
    }

    /// The command as a shell takes it, without comments; empty if there is none.
    pub(crate) fn command(&self) -> String {
        match &self.command {
            Command::Words(words) => {
                let words = self.entering(words);
                let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
                words.join(" ")
            }
            Command::Script(script) => script.clone(),
        }
    }

    /// A line that can be pasted into a shell of the host that it is for: only a comment if it cannot be
    /// run as it is.
    pub(crate) fn to_paste(&self) -> String {
        match self.readiness {
            Readiness::Ready => self.command(),
            Readiness::ForOperator => {
                let (command, remark) = (self.command(), self.remark().unwrap_or_default());
                if command.is_empty() {
                    format!("# {remark}")
                } else {
                    format!("# {}", with_remark(command, &remark))
                }
            }
        }
    }

    /// What is to be known before it is run.
    fn remark(&self) -> Option<String> {
        (!self.comments.is_empty()).then(|| self.comments.join("; "))
    }

    /// The words with those that run them in the network namespace. A namespace of this machine is
    /// none of another host.
    fn entering(&self, words: &[String]) -> Vec<String> {
        let netns = self.netns.as_ref().filter(|_| self.host.is_none());
        let (before, after) = match (self.scope, netns) {
            (Scope::Ours, Some(netns)) => (vec![], vec!["--netns".to_owned(), netns.to_string()]),
            (Scope::Network, Some(netns)) => (entering(netns), vec![]),
            _ => (vec![], vec![]),
        };
        [before, words.to_vec(), after].concat()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.map(|host| format!("on {host}"));
        let remarks: Vec<_> = host.into_iter().chain(self.remark()).collect();
        f.write_str(&with_remark(self.command(), &remarks.join("; ")))
    }
}

fn with_remark(command: String, remark: &str) -> String {
    match (command.is_empty(), remark.is_empty()) {
        (_, true) => command,
        (true, false) => format!("# {remark}"),
        (false, false) => format!("{command}  # {remark}"),
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// A command as data.
        #[derive(Serialize)]
        struct Fields {
            words: Vec<String>,
            host: Option<IpAddr>,
            complete: bool,
            comment: Option<String>,
        }

        let words = match &self.command {
            Command::Words(words) => self.entering(words),
            Command::Script(script) => ["sh", "-c", script].map(str::to_owned).to_vec(),
        };
        let fields = Fields {
            words,
            host: self.host,
            complete: self.is_ready(),
            comment: self.remark(),
        };
        fields.serialize(serializer)
    }
}

/// What runs a command in a network namespace.
fn entering(netns: &NetnsName) -> Vec<String> {
    match netns {
        NetnsName::Named(name) => ["ip", "netns", "exec", name].map(str::to_owned).to_vec(),
        NetnsName::At(path) => vec![
            "nsenter".to_owned(),
            format!("--net={}", path.to_string_lossy()),
        ],
        NetnsName::OfProcess(pid) => ["nsenter", "--target", &pid.to_string(), "--net"]
            .map(str::to_owned)
            .to_vec(),
    }
}

/// A word as a shell takes it: a network device may be called `a;b`, and zsh looks for files that are
/// called as `[fd00::1]:80` says.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.,:/=@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
            ("/run/a b", "nsenter '--net=/run/a b' ip link set eth0 up"),
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

    #[test]
    fn as_json_it_is_the_words_that_a_program_would_run() {
        let json = |line: Line| serde_json::to_value(line).unwrap();
        let web = "web".parse().ok();
        let line = Line::network(["ip", "link", "set", "a b", "up"]).within(web.as_ref());
        assert_eq!(
            json(line),
            json!({
                "words": ["ip", "netns", "exec", "web", "ip", "link", "set", "a b", "up"],
                "host": null, "complete": true, "comment": null,
            })
        );
        let line = Line::shell("echo >/tmp/a").on("10.10.10.12".parse().unwrap());
        assert_eq!(
            json(line.comment("once").for_operator().within(web.as_ref())),
            json!({
                "words": ["sh", "-c", "echo >/tmp/a"],
                "host": "10.10.10.12", "complete": false, "comment": "once",
            })
        );
    }
}
