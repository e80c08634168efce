//! Every option and positional of every command, typed with nonsense and typed twice.
//!
//! Nonsense is refused with exit status 2, and its argument is named. An argument whose value can only be
//! checked later is in [`FREE`]. A new argument that accepts nonsense makes a test fail.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command, CommandFactory, Error, FromArgMatches};

use super::{Cli, typed};

/// Whether a free text is accepted.
type Accepts = fn(&str) -> bool;

/// Arguments that accept more than is right: what they accept, and what refuses it later.
const FREE: [(&str, Accepts); 9] = [
    // The kernel has it or not: `Error::SchedulerNotFound`, `Error::EngineNotFound`.
    ("--scheduler <NAME>", |text| is_kernel_name(text, 15)),
    ("--pe <NAME>", |text| is_kernel_name(text, 16)),
    // The host has the device or not. A sync daemon knows no alternative names, which are longer.
    ("--device <DEVICE>", |text| is_device(text, 127)),
    ("--gateway <DEVICE>", |text| is_device(text, 127)),
    ("--interface <DEVICE>", |text| is_device(text, 15)),
    // `lbnet::Invalid::Label`: it depends on the device.
    ("--label <LABEL>", |_| true),
    // No such namespace.
    ("--netns <NAMESPACE>", |text| {
        !text.is_empty() && !text.starts_with("pid:")
    }),
    // No such file.
    ("<FILE>", |text| !text.is_empty()),
    // `restore` takes none, and says how it is given one.
    ("[FILE]", |text| !text.is_empty()),
];

fn is_kernel_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_device(text: &str, longest: usize) -> bool {
    let forbidden = |c: char| c.is_whitespace() || c == '/' || c == ':';
    (1..=longest).contains(&text.len()) && !text.contains(forbidden)
}

/// Arguments that can be typed several times: all values count.
const REPEATED: [(&str, &str); 6] = [
    ("add-service", "sched_flags"),
    ("edit-service", "sched_flags"),
    ("director", "forward"),
    ("doctor", "vip"),
    ("doctor", "device"),
    ("doctor", "port"),
];

fn nonsense() -> Vec<OsString> {
    let too_long = "x".repeat(5000);
    let texts = [
        "",
        " ",
        "nonsense",
        "-1",
        "+1",
        "1.5",
        "99999999999999999999",
        "0x",
        "１",
        "a\nb",
        "a/b",
        "x,",
        ",",
        // Almost right.
        "192.0.2.10:+80",
        "192.0.2.10/+24",
        "192.0.2.10:80 ",
        "[192.0.2.10]:80",
        "255.0.255",
        "gue,port=+6080",
        "gre,csum,csum",
        "unknown-+7,port=1,flags=1",
        "dummy:",
        "dummy:a/b",
        "pid:+7",
        "+80/tcp",
        "80/udp/",
        "-0",
        "5 m 5",
        "sh-fallback,",
        "any ",
        &too_long,
    ];
    let not_utf8 = OsString::from_vec(vec![b'a', 0xff]);
    texts
        .into_iter()
        .map(OsString::from)
        .chain([not_utf8])
        .collect()
}

/// Something that each argument takes.
const SENSE: [&str; 21] = [
    "192.0.2.10:80",
    "192.0.2.10",
    "192.0.2.10/24",
    "7",
    "5m",
    "wlc",
    "sip",
    "255.255.255.0",
    "sh-port",
    "gre",
    "none",
    "none-active",
    "established",
    "any",
    "master",
    "json",
    "bash",
    "eth0",
    "lo",
    "direct",
    "80/udp",
];

/// Calls `each` for every argument of every command that does something.
fn for_each_argument(each: &mut dyn FnMut(&mut Command, &[OsString], &Arg)) {
    let mut definition = Cli::command();
    definition.build();
    let mut commands = vec![(vec![OsString::from("ipvs-rs")], definition.clone())];
    while let Some((words, command)) = commands.pop() {
        if !command.has_subcommands() {
            for argument in command.get_arguments() {
                each(&mut definition, &words, argument);
            }
        }
        let below = command
            .get_subcommands()
            .filter(|it| it.get_name() != "help");
        commands.extend(below.map(|it| {
            let mut words = words.clone();
            words.push(it.get_name().into());
            (words, it.clone())
        }));
    }
}

/// Types a command with some words more. Required arguments are missing, which is found out last.
fn type_with(definition: &mut Command, words: &[OsString], more: &[OsString]) -> Result<(), Error> {
    let mut matches = definition.try_get_matches_from_mut(words.iter().chain(more))?;
    Cli::from_arg_matches_mut(&mut matches).map(drop)
}

/// The ways to type an argument with a value.
fn with_value(argument: &Arg, value: &OsStr) -> Vec<Vec<OsString>> {
    let Some(long) = argument.get_long() else {
        return vec![vec!["--".into(), value.into()]];
    };
    let mut joined = OsString::from(format!("--{long}="));
    joined.push(value);
    let mut ways = vec![vec![joined]];
    if !argument.is_require_equals_set() {
        ways.push(vec![format!("--{long}").into(), value.into()]);
        let short = argument.get_short().map(|short| format!("-{short}").into());
        ways.extend(short.map(|short| vec![short, value.into()]));
    }
    ways
}

fn takes_a_value(argument: &Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Set | ArgAction::Append)
}

/// Whether the value was refused, with the name of its argument.
fn is_refused(typed: &Result<(), Error>, argument: &Arg, value: &OsStr) -> bool {
    let Err(error) = typed else { return false };
    match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            error.to_string().contains(&format!("'{argument}'"))
        }
        // See the next test.
        ErrorKind::InvalidUtf8 => true,
        ErrorKind::UnknownArgument => value.as_encoded_bytes().starts_with(b"-"),
        _ => false,
    }
}

#[test]
fn nonsense_is_refused_and_its_argument_named() {
    let (mut count, mut wrong) = (0, Vec::new());
    for_each_argument(&mut |definition, words, argument| {
        if !takes_a_value(argument) {
            return;
        }
        let shown = argument.to_string();
        let free = FREE.iter().find(|(free, _)| shown.ends_with(free));
        for value in nonsense() {
            let is_free = match (free, value.to_str()) {
                (Some((_, takes)), Some(text)) => takes(text),
                (Some((free, _)), None) => free.contains("FILE"),
                (None, _) => false,
            };
            for way in with_value(argument, &value) {
                let typed = type_with(definition, words, &way);
                // A word that looks like an option is no value, unless it is joined to its option.
                let looks_like_option =
                    way.len() == 2 && value.as_encoded_bytes().starts_with(b"-");
                let is_refused = is_refused(&typed, argument, &value);
                let is_right = is_refused != is_free || (is_refused && looks_like_option);
                if !is_right {
                    wrong.push(format!("{words:?} {way:?}: {typed:?}"));
                }
                count += 1;
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 5000, "{count}");
}

#[test]
fn an_argument_that_is_not_text_is_named() {
    for (more, said) in [
        (
            "--netns=a",
            r#"error: argument "--netns=a\xFF" is not UTF-8"#,
        ),
        ("a", r#"error: argument "a\xFF" is not UTF-8"#),
    ] {
        let mut last = OsString::from(more);
        last.push(OsString::from_vec(vec![0xff]));
        let words = ["ipvs-rs".into(), "stop-sync".into(), last];
        let error = typed(words.into_iter()).unwrap_err();
        assert_eq!(error.to_string().trim_end(), said);
    }
}

#[test]
fn an_option_that_is_typed_twice_is_refused_unless_both_count() {
    for_each_argument(&mut |definition, words, argument| {
        let is_answered_at_once = ["help", "version"].contains(&argument.get_id().as_str());
        let Some(long) = argument.get_long().filter(|_| !is_answered_at_once) else {
            return;
        };
        let once = if takes_a_value(argument) {
            sensible(definition, words, argument)
        } else {
            vec![OsString::from(format!("--{long}"))]
        };
        let twice = [once.clone(), once].concat();
        let typed = type_with(definition, words, &twice);
        let is_refused = matches!(&typed, Err(error) if error.kind() == ErrorKind::ArgumentConflict
            && error.to_string().contains(&format!("'{argument}' cannot be used multiple times")));
        let command = words.get(1).and_then(|word| word.to_str()).unwrap();
        let is_repeated = REPEATED.contains(&(command, argument.get_id().as_str()));
        assert!(is_refused != is_repeated, "{words:?} {twice:?}: {typed:?}");
    });
}

/// An option with a value that it takes.
fn sensible(definition: &mut Command, words: &[OsString], argument: &Arg) -> Vec<OsString> {
    let ways = SENSE
        .iter()
        .flat_map(|value| with_value(argument, value.as_ref()).into_iter().take(1));
    let mut taken = ways.filter(|way| {
        let typed = type_with(definition, words, way);
        !is_refused(&typed, argument, OsStr::new(""))
    });
    taken
        .next()
        .unwrap_or_else(|| panic!("{words:?} {argument}: no sense"))
}
