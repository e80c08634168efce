//! A command line of ipvsadm, taken apart. What the values mean is decided elsewhere.
//!
//! It reads one line at a time with a table of options and commands. Rules files can have a hundred
//! thousand lines.

mod misuse;

use std::str::{FromStr, SplitAsciiWhitespace};

pub(super) use misuse::Misuse;

use super::command::{Command, Takes};
use super::option::{Definition, Group, Opt, Value};

/// A command with its options and arguments. Every option belongs to the command and is given once.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) command: Command,
    options: Vec<(Opt, Option<&'a str>)>,
    arguments: Vec<&'a str>,
}

impl<'a> Line<'a> {
    /// Takes a line apart. The word `ipvsadm` in front is skipped.
    pub(super) fn read(line: &'a str) -> Result<Self, Misuse> {
        let mut words = line.split_ascii_whitespace();
        let mut first = words.next().unwrap_or_default();
        if first == "ipvsadm" {
            first = words.next().unwrap_or_default();
        }
        let (command, bundled) = command(first).ok_or_else(|| Misuse::NoCommand(first.into()))?;
        let mut line = Self {
            command,
            options: Vec::with_capacity(8),
            arguments: Vec::new(),
        };
        line.take_letters(bundled, &mut words)?;
        while let Some(word) = words.next() {
            line.take(word, &mut words)?;
        }
        line.check()?;
        Ok(line)
    }

    fn take(&mut self, word: &'a str, words: &mut SplitAsciiWhitespace<'a>) -> Result<(), Misuse> {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            return match Definition::long(name) {
                Some(row) => self.give(row, value, words),
                None if Command::long(name).is_some() => {
                    Err(Misuse::SecondCommand(word.to_owned()))
                }
                None => Err(Misuse::UnknownOption(word.to_owned())),
            };
        }
        match word.strip_prefix('-') {
            Some(letters) if !letters.is_empty() => self.take_letters(letters, words),
            _ if self.arguments.len() < self.command.arguments() => {
                self.arguments.push(word);
                Ok(())
            }
            _ => Err(Misuse::Unexpected(word.to_owned())),
        }
    }

    /// Takes options of one letter that are one word: `-gw`, or `-p300` with a value.
    fn take_letters(
        &mut self,
        letters: &'a str,
        words: &mut SplitAsciiWhitespace<'a>,
    ) -> Result<(), Misuse> {
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            let Some(row) = Definition::short(letter) else {
                let word = format!("-{letter}");
                return Err(match Command::short(letter) {
                    Some(_) => Misuse::SecondCommand(word),
                    None => Misuse::UnknownOption(word),
                });
            };
            let attached = rest.as_str();
            if row.value == Value::None || attached.is_empty() {
                self.give(row, None, words)?;
            } else {
                return self.give(row, Some(attached), words);
            }
        }
        Ok(())
    }

    fn give(
        &mut self,
        row: &Definition,
        attached: Option<&'a str>,
        words: &mut SplitAsciiWhitespace<'a>,
    ) -> Result<(), Misuse> {
        let Definition {
            opt, value, group, ..
        } = *row;
        if self.command.takes(group) == Takes::Never {
            let command = self.command;
            return Err(Misuse::Foreign {
                opt,
                group,
                command,
            });
        }
        if self.has(opt) {
            return Err(Misuse::Twice(opt));
        }
        let value = match (value, attached) {
            (Value::None, Some(_)) => return Err(Misuse::NoValue(opt)),
            (Value::None, None) => None,
            (_, Some(attached)) => Some(attached),
            (Value::Required, None) => Some(words.next().ok_or(Misuse::ValueNeeded(opt))?),
            (Value::Optional, None) => {
                let mut ahead = words.clone();
                let next = ahead.next().filter(|word| !word.starts_with('-'));
                if next.is_some() {
                    *words = ahead;
                }
                next
            }
        };
        self.options.push((opt, value));
        Ok(())
    }

    /// Checks what only the whole line shows.
    fn check(&self) -> Result<(), Misuse> {
        let names = [Opt::Tcp, Opt::Udp, Opt::Sctp, Opt::Fwmark];
        let services = names.into_iter().filter(|opt| self.has(*opt)).count();
        let command = self.command;
        match command.takes(Group::Service) {
            Takes::Required if services != 1 => return Err(Misuse::OneService),
            Takes::Optional if services > 1 => return Err(Misuse::OneService),
            _ => {}
        }
        if self.has(Opt::Ipv6) && !self.has(Opt::Fwmark) {
            return Err(Misuse::Alone(Opt::Ipv6, Opt::Fwmark));
        }
        if self.has(Opt::Netmask) && !self.has(Opt::Persistent) {
            return Err(Misuse::Alone(Opt::Netmask, Opt::Persistent));
        }
        if command.takes(Group::RealServer) == Takes::Required && !self.has(Opt::RealServer) {
            return Err(Misuse::RealServerNeeded(command));
        }
        let methods = [Opt::Direct, Opt::Tunnel, Opt::Masquerade];
        if methods.into_iter().filter(|opt| self.has(*opt)).count() > 1 {
            return Err(Misuse::OneMethod);
        }
        if self.arguments.len() < command.arguments() {
            return Err(Misuse::ArgumentsNeeded(command));
        }
        Ok(())
    }

    /// Whether the option is given.
    pub(super) fn has(&self, opt: Opt) -> bool {
        self.options.iter().any(|(given, _)| *given == opt)
    }

    /// The value of the option, if it is given with one.
    pub(super) fn word(&self, opt: Opt) -> Option<&'a str> {
        let given = self.options.iter().find(|(given, _)| *given == opt);
        given.and_then(|(_, value)| *value)
    }

    /// The value of the option, read.
    pub(super) fn value<T>(&self, opt: Opt) -> Result<Option<T>, String>
    where
        T: FromStr<Err: ToString>,
    {
        let read = |word: &str| {
            word.parse()
                .map_err(|error: T::Err| format!("{opt} {word}: {}", error.to_string()))
        };
        self.word(opt).map(read).transpose()
    }

    /// The words that are no options.
    pub(super) fn arguments(&self) -> &[&'a str] {
        &self.arguments
    }
}

/// The command in the first word of a line, and the letters of options that follow it there.
fn command(word: &str) -> Option<(Command, &str)> {
    if let Some(long) = word.strip_prefix("--") {
        return Command::long(long).map(|command| (command, ""));
    }
    let mut letters = word.strip_prefix('-')?.chars();
    let command = Command::short(letters.next()?)?;
    Some((command, letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_of(line: &str) -> String {
        Line::read(line).unwrap_err().to_string()
    }

    #[test]
    fn an_option_has_a_value_behind_it_or_attached() {
        for line in [
            "-A -t 192.0.2.1:80 -p 300 -s rr -o",
            "ipvsadm -A -t192.0.2.1:80 -p300 -os rr",
            "--add-service --tcp-service=192.0.2.1:80 --persistent=300 --scheduler rr --ops",
            "-Ao -t 192.0.2.1:80 -srr -p 300",
        ] {
            let line = Line::read(line).unwrap();
            assert_eq!(line.command, Command::AddService);
            assert_eq!(line.word(Opt::Tcp), Some("192.0.2.1:80"));
            assert_eq!(line.word(Opt::Persistent), Some("300"));
            assert_eq!(line.word(Opt::Scheduler), Some("rr"));
            assert!(line.has(Opt::OnePacket));
        }
        let line = Line::read("-A -f -1 -p -s rr").unwrap();
        assert_eq!(line.word(Opt::Fwmark), Some("-1"));
        assert!(line.has(Opt::Persistent));
        assert_eq!(line.word(Opt::Persistent), None);
        let line = Line::read("--set 900 120 300").unwrap();
        assert_eq!(line.arguments(), ["900", "120", "300"]);
    }

    #[test]
    fn an_option_of_another_command_is_refused_with_the_commands_that_it_belongs_to() {
        assert_eq!(
            said_of("-A -t 192.0.2.1:80 -r 192.0.2.2"),
            "-r does not belong to -A: use it with -a, -e and -d"
        );
        assert_eq!(
            said_of("-D -t 192.0.2.1:80 -s rr"),
            "-s does not belong to -D: use it with -A and -E"
        );
        assert_eq!(
            said_of("-C -t 192.0.2.1:80"),
            "-t does not belong to -C: use it with -A, -E, -D, -a, -e, -d, -L and -Z"
        );
        assert_eq!(
            said_of("-a -t 192.0.2.1:80 -r 192.0.2.2 --mcast-interface eth0"),
            "--mcast-interface does not belong to -a: use it with --start-daemon"
        );
    }

    #[test]
    fn what_is_no_command_line_is_named() {
        for (line, said) in [
            ("add", "\"add\" is not a command of ipvsadm"),
            ("-q", "\"-q\" is not a command of ipvsadm"),
            ("-A -t 192.0.2.1:80 --foo", "unknown option \"--foo\""),
            ("-A -t 192.0.2.1:80 -q", "unknown option \"-q\""),
            ("-A -t 192.0.2.1:80 rr", "unexpected \"rr\""),
            ("-A -t 192.0.2.1:80 # web", "unexpected \"#\""),
            ("-A -t 192.0.2.1:80 -", "unexpected \"-\""),
            ("-A -t 192.0.2.1:80 -s", "-s needs a value"),
            ("-A -t 192.0.2.1:80 --ops=1", "-o takes no value"),
            ("-A -t 192.0.2.1:80 -s rr -s rr", "-s is given twice"),
            (
                "-A -t 192.0.2.1:80 -D",
                "\"-D\" is a second command: write it on a line of its own",
            ),
            (
                "-A -s rr",
                "name exactly one service: -t, -u, --sctp-service or -f",
            ),
            (
                "-A -t 192.0.2.1:80 -u 192.0.2.1:80",
                "name exactly one service: -t, -u, --sctp-service or -f",
            ),
            ("-A -t 192.0.2.1:80 -6", "-6 needs -f"),
            ("-A -t 192.0.2.1:80 -M 255.255.255.0", "-M needs -p"),
            ("-a -t 192.0.2.1:80", "-a needs a real server: -r"),
            (
                "-a -t 192.0.2.1:80 -r 192.0.2.2 -g -m",
                "more than one of -g, -i and -m",
            ),
            (
                "--set 900 120",
                "--set needs three timeouts: TCP TCPFIN UDP",
            ),
            ("--set 900 120 300 4", "unexpected \"4\""),
            (
                "--stop-daemon",
                "--stop-daemon needs a role: master or backup",
            ),
        ] {
            assert_eq!(said_of(line), said, "{line}");
        }
    }
}
